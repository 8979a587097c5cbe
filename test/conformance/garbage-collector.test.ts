import { expect, test } from 'vitest'
import { configmaps, deployments, pods, replicasets, replicationcontrollers } from '#api/index'
import { isNotFound } from '#client/index'
import { web } from '../manifests'
import { refusal, serve } from './cluster'

const served = serve()
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } }

test('[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning', async () => {
  const { client, cluster: { untilList, untilGone } } = served
  const namespace = await served.namespace()
  await client.create(replicationcontrollers, { metadata: { namespace, name: 'web' }, spec: { replicas: 2, selector: { app: 'web' }, template } })
  await untilList(pods, { namespace }, (all) => all.length === 2)
  await client.delete(replicationcontrollers, { namespace, name: 'web' }, { propagationPolicy: 'Background' })
  await untilGone(pods, { namespace })
  await untilGone(replicationcontrollers, { namespace })
})

/** A deployment with its replica set, which is deleted as `propagationPolicy` says. */
async function deleted(propagationPolicy: 'Background' | 'Orphan'): Promise<string> {
  const { client, cluster: { untilList, untilGone } } = served
  const namespace = await served.namespace()
  const deployment = web({ replicas: 1 })
  await client.create(deployments, { ...deployment, metadata: { namespace, name: 'web' } })
  await untilList(replicasets, { namespace }, (all) => all.length === 1)
  await client.delete(deployments, { namespace, name: 'web' }, { propagationPolicy })
  await untilGone(deployments, { namespace })
  return namespace
}

test('[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning', async () => {
  const namespace = await deleted('Background')
  await served.cluster.untilGone(replicasets, { namespace })
  await served.cluster.untilGone(pods, { namespace })
})

test('[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan', async () => {
  const namespace = await deleted('Orphan')
  const [orphan] = await served.cluster.untilList(replicasets, { namespace }, (all) => all.length === 1)
  expect(orphan!.metadata.ownerReferences ?? []).toEqual([])
  expect(orphan!.metadata.deletionTimestamp).toBeUndefined()
})

test('[sig-api-machinery] Garbage collector should not be blocked by dependency circle', async () => {
  const { client, cluster: { untilGone } } = served
  const namespace = await served.namespace()
  const names = ['a', 'b', 'c']
  const made = await Promise.all(names.map((name) => client.create(configmaps, { metadata: { namespace, name, labels: { circle: 'yes' } } })))
  for (const [i, name] of names.entries()) {
    const { metadata } = made[(i + 1) % 3]!
    await client.patch(configmaps, { namespace, name }, { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true }] } }, { type: 'merge' })
  }
  await client.delete(configmaps, { namespace, name: 'a' }, { propagationPolicy: 'Foreground' })
  await untilGone(configmaps, { namespace, labelSelector: 'circle=yes' })
  expect(isNotFound(await refusal(client.get(configmaps, { namespace, name: 'a' })))).toBe(true)
})
