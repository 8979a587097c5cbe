import { expect, test } from 'vitest'
import { persistentvolumeclaims, persistentvolumes, pods, priorityclasses, statefulsets, type core } from '#api/index'
import { isPodReady, startCluster } from '#testing/index'
import { pod, service, statefulSet } from './manifests'

const template = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }

test('a stateful set with claims runs with nothing installed: volumes are made where its pods go, and go with their claims', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until, untilGone } = cluster
  await client.apply(service('db'))
  await client.apply(statefulSet('db', { replicas: 2, volumeClaimTemplates: [template] as unknown as core.PersistentVolumeClaim[] }))
  await until(statefulsets, 'db', ({ status }) => status.readyReplicas === 2)
  const claim = await client.get(persistentvolumeclaims, { namespace: 'default', name: 'data-db-0' })
  expect(claim).toMatchObject({ status: { phase: 'Bound', capacity: { storage: '1Gi' } }, spec: { storageClassName: 'local' } })
  const [{ spec }, db] = await Promise.all([client.get(persistentvolumes, { name: claim.spec.volumeName! }), client.get(pods, { namespace: 'default', name: 'db-0' })])
  expect(JSON.stringify(spec.nodeAffinity)).toContain(db.spec.nodeName!)

  await client.delete(statefulsets, { namespace: 'default', name: 'db' })
  await untilGone(pods, 'db-0')
  await client.delete(persistentvolumeclaims, { namespace: 'default', name: 'data-db-0' })
  await untilGone(persistentvolumes, claim.spec.volumeName!)
})

test('a pod waits for its volume, in the words of the scheduler, and is kept from a claim that another pod has for itself', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  const using = (claimName: string) => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] })
  await client.create(pods, pod('early', using('own')))
  const because = (words: string) => ({ status }: core.Pod): boolean => status.conditions?.some(({ message }) => message?.includes(words) === true) === true
  await until(pods, 'early', because('persistentvolumeclaim "own" not found'))
  await client.create(persistentvolumeclaims, { metadata: { namespace: 'default', name: 'own' }, spec: { ...template.spec, accessModes: ['ReadWriteOncePod'] } })
  await until(pods, 'early', isPodReady)
  await client.create(pods, pod('late', using('own')))
  await until(pods, 'late', because('PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'))
  await client.delete(pods, { namespace: 'default', name: 'early' })
  await until(pods, 'late', isPodReady)
})

test('a pod of higher priority takes the place of another', async () => {
  await using cluster = await startCluster({ nodes: 1, capacity: { cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi' } })
  const { client, until, untilGone } = cluster
  for (const [name, value] of [['low', 1], ['high', 1000]] as const) await client.create(priorityclasses, { metadata: { name }, value })
  const asking = (name: string, priorityClassName: string) => pod(name, { priorityClassName, containers: [{ name: 'main', image: 'nginx:1.27', resources: { requests: { cpu: '3' } } }] })
  await client.create(pods, asking('humble', 'low'))
  await until(pods, 'humble', isPodReady)
  await client.create(pods, asking('proud', 'high'))
  await untilGone(pods, 'humble')
  await until(pods, 'proud', isPodReady)
  expect((await client.get(pods, { namespace: 'default', name: 'proud' })).status.nominatedNodeName).toBeUndefined()
})
