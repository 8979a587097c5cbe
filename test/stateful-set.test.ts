import { expect, test } from 'vitest'
import { persistentvolumeclaims, pods, statefulsets } from '#api/index'
import { isPodReady, startCluster } from '#testing/index'
import { service, statefulSet } from './manifests'

test('a stateful set starts its pods one after the other, and takes them away from the end', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until, untilGone } = cluster
  const told: string[] = []
  const readyNames = new Set<string>()
  const behind = new Set<string>()
  using _watching = cluster.informers.get(pods, { namespace: 'default' }).on((pod, old) => {
    const { name } = (pod ?? old)!.metadata
    if (pod && !old) {
      told.push(`+${name}`)
      const before = Number(name.slice(3)) - 1
      if (before >= 0 && !readyNames.has(`db-${before}`)) behind.add(name)
    }
    if (!pod) told.push(`-${name}`)
    if (pod && isPodReady(pod)) readyNames.add(name)
  })
  await client.apply(service('db'))
  await client.apply(statefulSet('db', { replicas: 3 }))
  await until(statefulsets, 'db', ({ status }) => status.readyReplicas === 3)
  expect(told).toEqual(['+db-0', '+db-1', '+db-2'])
  expect([...behind]).toEqual([])

  await client.apply(statefulSet('db', { replicas: 1 }))
  await untilGone(pods, 'db-1')
  expect(told.slice(3)).toEqual(['-db-2', '-db-1'])

  const before = await client.get(pods, { namespace: 'default', name: 'db-0' })
  await client.delete(pods, { namespace: 'default', name: 'db-0' })
  const after = await until(pods, 'db-0', (pod) => pod.metadata.uid !== before.metadata.uid && isPodReady(pod))
  expect(after.metadata.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'db-0', 'apps.kubernetes.io/pod-index': '0' })

  await client.delete(statefulsets, { namespace: 'default', name: 'db' })
  await untilGone(pods, { namespace: 'default' })
})

test('an update goes from the last pod to the partition', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await client.apply(service('db'))
  await client.apply(statefulSet('db', { replicas: 3, image: 'db:1' }))
  await until(statefulsets, 'db', ({ status }) => status.readyReplicas === 3)
  await client.apply(statefulSet('db', { replicas: 3, image: 'db:2', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }))
  await until(statefulsets, 'db', ({ status, metadata }) => status.observedGeneration === metadata.generation && status.updatedReplicas === 2 && status.readyReplicas === 3)
  const images = (await client.list(pods, { namespace: 'default' })).items.map(({ metadata, spec }) => [metadata.name, spec.containers[0]!.image]).sort()
  expect(images).toEqual([['db-0', 'db:1'], ['db-1', 'db:2'], ['db-2', 'db:2']])
})

test('each pod gets a claim of its own, which outlives it', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until, untilGone } = cluster
  const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
  await client.apply(statefulSet('db', { replicas: 1, volumeClaimTemplates: [claim] }))
  const { status } = await until(persistentvolumeclaims, 'data-db-0', () => true)
  expect(status.phase).toBe('Pending')
  const { spec } = await until(pods, 'db-0', () => true)
  expect(spec.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } })
  await client.delete(statefulsets, { namespace: 'default', name: 'db' })
  await untilGone(pods, 'db-0')
  expect((await client.list(persistentvolumeclaims, { namespace: 'default' })).items).toHaveLength(1)
})
