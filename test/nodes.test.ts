import { expect, test } from 'vitest'
import { daemonsets, deployments, nodes, poddisruptionbudgets, pods } from '#api/index'
import { isTooManyRequests } from '#client/index'
import { isAvailable, isNodeReady, isPodReady, startCluster, type TestClient } from '#testing/index'
import { daemonSet, pod, web } from './manifests'

const on = async (client: TestClient, node: string) => (await client.list(pods, { namespace: 'default', fieldSelector: `spec.nodeName=${node}` })).items

const evict = (client: TestClient, name: string): Promise<unknown> =>
  client.subresource(pods, { namespace: 'default', name }, 'eviction', 'POST', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } })

test('a daemon set has a pod on every node, and on one that comes later', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until } = cluster
  await client.apply(daemonSet('agent'))
  await until(daemonsets, 'agent', ({ status }) => status.numberReady === 2)
  await cluster.nodes.add({ name: 'late', labels: { tier: 'edge' } })
  await until(daemonsets, 'agent', ({ status }) => status.desiredNumberScheduled === 3 && status.numberReady === 3)
  expect((await on(client, 'late')).map(({ metadata }) => metadata.ownerReferences![0]!.kind)).toEqual(['DaemonSet'])

  await cluster.nodes.add({ name: 'tainted', taints: [{ key: 'gpu', effect: 'NoSchedule' }] })
  await client.patch(nodes, { name: 'late' }, { metadata: { labels: { tier: 'core' } } }, { type: 'merge' })
  expect(await on(client, 'tainted')).toEqual([])
})

test('a node whose heartbeat stops loses its pods to the others, and can come back', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until } = cluster
  await client.apply(web({ replicas: 4 }))
  await until(deployments, 'web', isAvailable)
  const lost = (await on(client, 'node-0')).map(({ metadata }) => metadata.name)
  expect(lost.length).toBeGreaterThan(0)

  await cluster.nodes.get('node-0').stop()
  await cluster.advance(60_000)
  const node = await until(nodes, 'node-0', ({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.status === 'Unknown')
  expect(node.status.conditions!.find(({ type }) => type === 'Ready')).toMatchObject({ reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' })
  await until(nodes, 'node-0', ({ spec }) => spec.taints?.some(({ key, effect }) => key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute') ?? false)
  // Pods tolerate that for five minutes.
  expect((await on(client, 'node-0')).every(({ metadata }) => !metadata.deletionTimestamp)).toBe(true)
  await cluster.advance(310_000)
  await cluster.untilList(pods, { namespace: 'default' }, (all) => all.filter(({ spec, ...found }) => spec.nodeName === 'node-1' && isPodReady({ spec, ...found })).length === 4)

  await cluster.nodes.get('node-0').start()
  await until(nodes, 'node-0', (found) => isNodeReady(found) && !found.spec.taints?.length)
  for (const name of lost) await cluster.untilGone(pods, name)
})

test('a disruption budget holds an eviction back', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until } = cluster
  await client.apply(web({ replicas: 2 }))
  await client.apply(poddisruptionbudgets.make({ metadata: { name: 'web', namespace: 'default' }, spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } } }))
  await until(deployments, 'web', isAvailable)
  await until(poddisruptionbudgets, 'web', ({ status }) => status.currentHealthy === 2)
  const [first] = (await client.list(pods, { namespace: 'default' })).items
  const refusal = await evict(client, first!.metadata.name).catch((error: unknown) => error)
  expect(isTooManyRequests(refusal)).toBe(true)
  expect((refusal as Error).message).toBe("Cannot evict pod as it would violate the pod's disruption budget.")

  await client.apply(web({ replicas: 3 }))
  await until(poddisruptionbudgets, 'web', ({ status }) => status.disruptionsAllowed === 1)
  await evict(client, first!.metadata.name)
  await cluster.untilGone(pods, first!.metadata.name)
  await until(deployments, 'web', isAvailable)
})

test('a drained node is left by its pods and gets no new ones', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until } = cluster
  await client.apply(web({ replicas: 4 }))
  await until(deployments, 'web', isAvailable)
  await client.patch(nodes, { name: 'node-0' }, { spec: { unschedulable: true } }, { type: 'merge' })
  await until(nodes, 'node-0', ({ spec }) => spec.taints?.some(({ key }) => key === 'node.kubernetes.io/unschedulable') ?? false)
  for (const { metadata } of await on(client, 'node-0')) await evict(client, metadata.name)
  const left = await cluster.untilList(pods, { namespace: 'default' }, (all) => all.filter(isPodReady).length === 4 && all.every(({ spec }) => spec.nodeName === 'node-1'))
  expect(left).toHaveLength(4)
})

test('a pod that fits nowhere says why, and starts when a node comes that it fits on', async () => {
  await using cluster = await startCluster({ nodes: 2, capacity: { cpu: '2', memory: '4Gi' } })
  const { client, until } = cluster
  await client.patch(nodes, { name: 'node-1' }, { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } }, { type: 'merge' })
  await until(nodes, 'node-1', ({ spec }) => spec.taints?.some(({ key }) => key === 'gpu') ?? false)
  await client.apply(pod('large', { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '3' } } }] }))
  const waiting = await until(pods, 'large', ({ status }) => status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable') ?? false)
  expect(waiting.status.conditions!.find(({ type }) => type === 'PodScheduled')!.message).toMatch(/^0\/2 nodes are available: 1 Insufficient cpu, 1 node\(s\) had untolerated taint\(s\)\./)
  await cluster.nodes.add({ name: 'huge', capacity: { cpu: '8', memory: '4Gi' } })
  expect((await until(pods, 'large', isPodReady)).spec.nodeName).toBe('huge')
})


test('containers live as what they run says: init containers are done, sidecars stay, commands end, images that are not there are not pulled', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  const busybox = (name: string, ...command: string[]) => ({ name, image: 'busybox', ...(command.length > 0 ? { command } : {}) })
  const create = (name: string, spec: object) => client.create(pods, { metadata: { namespace: 'default', name }, spec: { containers: [busybox('main')], ...spec } })
  await create('prepared', { initContainers: [busybox('first', 'prepare'), { ...busybox('beside'), restartPolicy: 'Always' }] })
  await create('fails', { restartPolicy: 'Never', containers: [busybox('main', 'sh', '-c', 'exit 3')] })
  await create('missing', { containers: [{ name: 'main', image: 'example.com/does-not-exist:1' }] })
  await until(pods, 'prepared', isPodReady)
  const failed = await until(pods, 'fails', ({ status }) => status.phase === 'Failed')
  expect(failed.status.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
  await until(pods, 'missing', ({ status }) => status.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull' || status.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff')
})
