import { expect, test } from 'vitest'
import { deployments, pods, type ReplicaSet, replicasets } from '#api/index'
import { isAvailable, isPodReady, startCluster, waitingReason } from '#testing/index'
import { readyAddresses, service, web } from './manifests'

test('a rollout that cannot pull its image keeps the old pods serving', async () => {
  await using cluster = await startCluster({ nodes: 3 })
  const { client, until } = cluster
  await client.apply(service('web'))
  await client.apply(web({ image: 'nginx:1.27', replicas: 3 }))
  await until(deployments, { namespace: 'default', name: 'web' }, isAvailable)

  cluster.images.fail('nginx:broken')
  await client.apply(web({ image: 'nginx:broken', replicas: 3 }))

  await until(pods, { namespace: 'default' }, (pod) => waitingReason(pod) === 'ErrImagePull')
  expect(await readyAddresses(client, 'web')).toHaveLength(3)
})

test('a rollout replaces pods, keeps its history and can be rolled back', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until, untilList } = cluster
  for (const image of ['nginx:1', 'nginx:2', 'nginx:3']) {
    await client.apply(web({ image, replicas: 2, revisionHistoryLimit: 1 }))
    await until(deployments, 'web', isAvailable)
  }
  const sets = { namespace: 'default', labelSelector: 'app=web' }
  const revisions = (all: readonly ReplicaSet[]) => all.map(({ metadata, spec }) => `${metadata.annotations?.['deployment.kubernetes.io/revision']}: ${spec.template.spec.containers[0]!.image}`).sort()
  expect(revisions(await untilList(replicasets, sets, (all) => all.length === 2))).toEqual(['2: nginx:2', '3: nginx:3'])

  await client.apply(web({ image: 'nginx:2', replicas: 2, revisionHistoryLimit: 1 }))
  await until(deployments, 'web', isAvailable)
  expect(revisions((await client.list(replicasets, sets)).items)).toEqual(['3: nginx:3', '4: nginx:2'])
  const { items } = await client.list(pods, { namespace: 'default', labelSelector: 'app=web' })
  expect(items.filter(isPodReady).map(({ spec }) => spec.containers[0]!.image)).toEqual(['nginx:2', 'nginx:2'])
})

test('scaling through the subresource, up and down to nothing', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until, untilGone } = cluster
  await client.apply(web({ replicas: 1 }))
  await until(deployments, 'web', isAvailable)
  await client.patch(deployments, { namespace: 'default', name: 'web' }, { spec: { replicas: 5 } }, { type: 'merge', subresource: 'scale' })
  await until(deployments, 'web', ({ status }) => status.readyReplicas === 5)
  await client.patch(deployments, { namespace: 'default', name: 'web' }, { spec: { replicas: 0 } }, { type: 'merge', subresource: 'scale' })
  await untilGone(pods, { namespace: 'default', labelSelector: 'app=web' })
  await until(deployments, 'web', isAvailable)
})

test('Recreate never lets old and new pods run at once', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until } = cluster
  const strategy = { type: 'Recreate' }
  await client.apply(web({ image: 'nginx:1', replicas: 3, strategy }))
  await until(deployments, 'web', isAvailable)

  const images = new Map<string, string>()
  let mixed = false
  using _watching = cluster.informers.get(pods, { namespace: 'default' }).on((pod, old) => {
    const key = (pod ?? old)!.metadata.uid!
    if (pod) images.set(key, pod.spec.containers[0]!.image!)
    else images.delete(key)
    mixed ||= new Set(images.values()).size > 1
  })
  await client.apply(web({ image: 'nginx:2', replicas: 3, strategy }))
  await until(deployments, 'web', isAvailable)
  expect([...new Set(images.values())]).toEqual(['nginx:2'])
  expect(mixed).toBe(false)
})

test('a rollout that gets nowhere says so, and a paused one waits', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  cluster.images.fail('nginx:broken')
  await client.apply(web({ image: 'nginx:broken', replicas: 1, progressDeadlineSeconds: 2 }))
  await until(deployments, 'web', ({ status }) => status.conditions?.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded') ?? false)

  await client.apply(web({ name: 'idle', replicas: 1, paused: true }))
  await until(deployments, 'idle', ({ status }) => status.conditions?.some(({ reason }) => reason === 'DeploymentPaused') ?? false)
  expect((await client.list(replicasets, { namespace: 'default', labelSelector: 'app=idle' })).items).toEqual([])
})
