import { expect, test } from 'vitest'
import { configmaps, deployments, namespaces, pods, replicasets, secrets } from '#api/index'
import { isForbidden, type ResourceRef } from '#client/index'
import { isAvailable, startCluster } from '#testing/index'
import { pod, web } from './manifests'

test('a namespace takes everything in it along, and takes nothing new meanwhile', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until, untilGone } = cluster
  await client.apply(namespaces.make({ metadata: { name: 'shop' } }))
  const here = { namespace: 'shop' }
  await client.create(configmaps, { metadata: { name: 'held', ...here, finalizers: ['example.com/hold'] } })
  await client.create(secrets, { metadata: { name: 'a', ...here } })
  await client.apply({ ...web(), metadata: { name: 'web', ...here } })
  await until(deployments, 'shop/web', isAvailable)

  await client.delete(namespaces, { name: 'shop' })
  const held = await until(namespaces, 'shop', ({ status }) => status.conditions?.some(({ type, status: is }) => type === 'NamespaceFinalizersRemaining' && is === 'True') ?? false)
  expect(held.status.phase).toBe('Terminating')
  const refusal = await client.create(configmaps, { metadata: { name: 'late', ...here } }).catch((error: unknown) => error)
  expect(isForbidden(refusal)).toBe(true)
  expect((refusal as Error).message).toContain('because it is being terminated')

  await client.patch(configmaps, { name: 'held', ...here }, { metadata: { finalizers: null } }, { type: 'merge' })
  await cluster.advance(30_000)
  await untilGone(namespaces, 'shop')
  for (const resource of [configmaps, secrets, pods, replicasets] as ResourceRef[]) expect((await client.list(resource, here)).items).toEqual([])
})

test('an owner goes after its dependents, before them, or leaves them behind', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until, untilGone } = cluster
  const name = (n: string) => ({ namespace: 'default', name: n })
  for (const each of ['foreground', 'background', 'orphan']) {
    await client.apply(web({ name: each, replicas: 1 }))
    await until(deployments, each, isAvailable)
  }
  const order: string[] = []
  using _deployments = cluster.informers.get(deployments).on((object, old) => void (object || order.push(`deployment ${old!.metadata.name}`)))
  using _pods = cluster.informers.get(pods).on((object, old) => void (object || order.push(`pod of ${old!.metadata.labels!.app}`)))

  await client.delete(deployments, name('foreground'), { propagationPolicy: 'Foreground' })
  await untilGone(deployments, 'foreground')
  expect(order).toEqual(['pod of foreground', 'deployment foreground'])

  await client.delete(deployments, name('background'))
  await untilGone(deployments, 'background')
  await untilGone(pods, { namespace: 'default', labelSelector: 'app=background' })

  await client.delete(deployments, name('orphan'), { propagationPolicy: 'Orphan' })
  await untilGone(deployments, 'orphan')
  const [set] = (await client.list(replicasets, { namespace: 'default', labelSelector: 'app=orphan' })).items
  expect(set!.metadata.ownerReferences ?? []).toEqual([])
  expect((await client.list(pods, { namespace: 'default', labelSelector: 'app=orphan' })).items).toHaveLength(1)

  // Made again, the deployment takes its set back.
  await client.apply(web({ name: 'orphan', replicas: 1 }))
  const adopted = await until(replicasets, `default/${set!.metadata.name}`, ({ metadata }) => (metadata.ownerReferences ?? []).length === 1)
  expect(adopted.metadata.uid).toBe(set!.metadata.uid)
})

test('a pod has its grace period, and can be cut short', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until, untilGone } = cluster
  cluster.containers.behave({ name: 'main' }, { ignoresStop: true })
  await client.apply(pod('stubborn', { terminationGracePeriodSeconds: 3600 }))
  await until(pods, 'stubborn', ({ status }) => status.phase === 'Running')
  await client.delete(pods, { namespace: 'default', name: 'stubborn' })
  const leaving = await client.get(pods, { namespace: 'default', name: 'stubborn' })
  expect(leaving.metadata).toMatchObject({ deletionGracePeriodSeconds: 3600, deletionTimestamp: expect.any(String) })
  await client.delete(pods, { namespace: 'default', name: 'stubborn' }, { gracePeriodSeconds: 0 })
  await untilGone(pods, 'stubborn')
})
