import { afterEach, expect, test } from 'vitest'
import { leases } from '#api/coordination/v1/lease'
import { events } from '#api/core/v1/event'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Container, Pod, PodSpec } from '#api/core/v1/types'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { silent } from '#component-base/log'
import { createFakeImageService } from './fake/image-service'
import type { FakeRules } from './fake/rules'
import { createFakeRuntimeService } from './fake/runtime-service'
import type { RunningKubelet } from './kubelet'
import { createKubelet } from './kubelet'
import { pretendedMachine } from './node/machine'
import { noHost } from './pod-host'
import type { PodHandler, PodSource } from './pod-source'
import type { ProbeRunner } from './prober/probe-runner'
import { alwaysWell } from './prober/probe-runner'
import { staticPod } from './static-pods/read-static-pods'

const disposers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const dispose of disposers.splice(0).toReversed()) await dispose()
})

const container = (name: string, more: Partial<Container> = {}): Container => ({ name, image: `${name}:1`, resources: {}, imagePullPolicy: 'IfNotPresent', ...more })
const podNamed = (name: string, spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: `uid-${name}`, generation: 1, ...metadata },
  spec: { containers: [container('web')], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'Default', securityContext: {}, schedulerName: 's', enableServiceLinks: true, nodeName: 'n1', ...spec },
  status: { phase: 'Pending' },
})

async function makeNode(rules: FakeRules = {}, probes: ProbeRunner = alwaysWell, staticPods?: PodSource) {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: silent })
  const runtime = createFakeRuntimeService({ clock, rules })
  const images = createFakeImageService(rules)
  const start = async (): Promise<RunningKubelet> => {
    const kubelet = createKubelet({ nodeName: 'n1', nodeIps: ['192.168.1.2'] }, { client, informers, runtime, images, host: noHost, machine: pretendedMachine('n1', { cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi' }), probes, ...(staticPods ? { staticPods } : {}) })
    const running = await kubelet.start({ log: silent, clock, signal: new AbortController().signal })
    await clock.advance(10)
    await running.ready
    return running
  }
  const running = await start()
  const stop = async (one: RunningKubelet): Promise<void> => {
    const stopped = one[Symbol.asyncDispose]()
    await clock.advance(10)
    await stopped
  }
  let current: RunningKubelet | undefined = running
  disposers.push(async () => {
    if (current) await stop(current)
    await informers[Symbol.asyncDispose]()
  })
  const pod = (name: string): Pod | undefined => api.read<Pod>(pods, `default/${name}`)
  const run = async (name: string, spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Promise<Pod> => {
    api.seed(pods, podNamed(name, spec, metadata))
    await clock.advance(10)
    return pod(name)!
  }
  const restart = async () => {
    await stop(current!)
    current = undefined
    current = await start()
  }
  return { clock, api, client, runtime, images, pod, run, restart, stop: async () => { await stop(current!); current = undefined }, start: async () => (current = await start()) }
}

const condition = (pod: Pod | undefined, type: string) => pod?.status.conditions?.find((one) => one.type === type)

test('the node is registered with its status and keeps its lease fresh', async () => {
  const { api, clock } = await makeNode()
  const node = api.read<import('#api/core/v1/types').Node>(nodes, 'n1')!
  expect(node.status.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`)).toEqual([
    'MemoryPressure=False KubeletHasSufficientMemory', 'DiskPressure=False KubeletHasNoDiskPressure', 'PIDPressure=False KubeletHasSufficientPID', 'Ready=True KubeletReady',
  ])
  expect(node.status.allocatable).toMatchObject({ cpu: '4', memory: '8Gi', pods: '110' })
  expect(node.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'n1', 'kubernetes.io/os': 'linux' })
  const lease = () => api.read<import('#api/coordination/v1/types').Lease>(leases, 'kube-node-lease/n1')!
  const first = lease().spec.renewTime
  const calls = api.calls.length
  await clock.advance(10_000)
  expect(lease().spec.renewTime).not.toBe(first)
  expect(api.calls.slice(calls).map((call) => call.path)).toEqual(['/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1'])
})

test('a pod becomes Running and Ready in one write', async () => {
  const { run, api } = await makeNode()
  const pod = await run('web')
  expect(pod.status.phase).toBe('Running')
  expect(condition(pod, 'Ready')).toMatchObject({ status: 'True', observedGeneration: 1 })
  expect(pod.status).toMatchObject({ hostIP: '192.168.1.2', podIP: '10.0.0.2', qosClass: 'BestEffort', startTime: '2026-01-01T00:00:00Z' })
  expect(pod.status.containerStatuses).toMatchObject([{ name: 'web', ready: true, started: true, restartCount: 0, image: 'web:1', state: { running: {} } }])
  expect(api.calls.filter((call) => call.method === 'PATCH' && call.path.endsWith('/pods/web/status'))).toHaveLength(1)
  expect(api.all<import('#api/core/v1/types').Event>(events).filter((event) => event.involvedObject.name === 'web').map((event) => event.reason)).toEqual(['Pulling', 'Pulled', 'Created', 'Started'])
})

test('a pod that completes succeeds and stays until it is deleted', async () => {
  const { run, pod, clock, client, runtime } = await makeNode({ outcome: () => ({ runMs: 5000 }) })
  await run('job', { restartPolicy: 'Never' })
  await clock.advance(5010)
  expect(pod('job')?.status).toMatchObject({ phase: 'Succeeded', podIP: '10.0.0.2', containerStatuses: [{ ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } }] })
  expect(condition(pod('job'), 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' })
  expect(runtime.counts).toEqual({ sandboxes: 0, running: 0 })
  await client.patch(pods, { namespace: 'default', name: 'job' }, { metadata: { deletionTimestamp: '2026-01-01T00:01:00Z', deletionGracePeriodSeconds: 30 } }, { type: 'merge' })
  await clock.advance(10)
  expect(pod('job')).toBeUndefined()
  expect(await runtime.listPodSandboxes()).toEqual([])
})

test('a deleted pod is stopped with its grace period, then taken from the API', async () => {
  const { run, pod, clock, api, runtime } = await makeNode({ outcome: () => ({ stopDelayMs: 3000, stopExitCode: 143 }) })
  const web = await run('web')
  api.seed(pods, { ...web, metadata: { ...web.metadata, deletionTimestamp: '2026-01-01T00:01:00Z', deletionGracePeriodSeconds: 20 } })
  runtime.record = true
  await clock.advance(10)
  expect(pod('web')?.status.phase).toBe('Running')
  expect(runtime.calls).toEqual(['StopContainer web 20'])
  await clock.advance(3010)
  expect(pod('web')).toBeUndefined()
  expect(runtime.calls).toEqual(['StopContainer web 20', 'StopPodSandbox web', 'RemoveContainer web', 'RemovePodSandbox web'])
})

test('a container that fails is started again after 10, 20, 40 seconds', async () => {
  const { run, pod, clock } = await makeNode({ outcome: () => ({ runMs: 1000, exitCode: 3 }) })
  await run('bad')
  await clock.advance(1010)
  expect(pod('bad')?.status.containerStatuses?.[0]).toMatchObject({ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 3, reason: 'Error' } } })
  await clock.advance(1010)
  const waiting = pod('bad')?.status.containerStatuses?.[0]
  expect(waiting?.state.waiting).toEqual({ reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container=web pod=bad_default(uid-bad)' })
  expect(pod('bad')?.status.phase).toBe('Running')
  await clock.advance(10_010)
  expect(pod('bad')?.status.containerStatuses?.[0]?.restartCount).toBe(2)
  await clock.advance(2_000)
  expect(pod('bad')?.status.containerStatuses?.[0]?.state.waiting?.message).toContain('back-off 20s')
})

test('init containers run in order, sidecars stay beside the regular ones and end last', async () => {
  const ends = (config: { metadata: { name: string } }) => (config.metadata.name === 'init' ? { runMs: 0 } : {})
  const { run, runtime, pod, api, clock } = await makeNode({ outcome: ends })
  runtime.record = true
  const web = await run('web', { initContainers: [container('init'), container('side', { restartPolicy: 'Always' })], containers: [container('web')] })
  expect(runtime.calls.filter((call) => call.startsWith('Start'))).toEqual(['StartContainer init', 'StartContainer side', 'StartContainer web'])
  expect(web.status.phase).toBe('Running')
  expect(condition(web, 'Initialized')?.status).toBe('True')
  expect(web.status.initContainerStatuses?.map((status) => status.ready)).toEqual([true, true])
  api.seed(pods, { ...pod('web')!, metadata: { ...web.metadata, deletionTimestamp: '2026-01-01T00:01:00Z', deletionGracePeriodSeconds: 30 } })
  await clock.advance(10)
  expect(runtime.calls.filter((call) => call.startsWith('StopContainer')).map((call) => call.split(' ')[1])).toEqual(['web', 'side'])
})

test('an init container that fails for good fails the pod', async () => {
  const { run, pod, clock } = await makeNode({ outcome: (config) => (config.metadata.name === 'init' ? { runMs: 0, exitCode: 1 } : {}) })
  await run('web', { restartPolicy: 'Never', initContainers: [container('init')] })
  await clock.advance(10)
  expect(pod('web')?.status).toMatchObject({ phase: 'Failed', containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }] })
})

test('a liveness probe that fails three times restarts the container', async () => {
  let well = true
  const { run, pod, clock, api } = await makeNode({}, async () => (well ? { result: 'success', output: '' } : { result: 'failure', output: 'HTTP probe failed with statuscode: 500' }))
  await run('web', { containers: [container('web', { livenessProbe: { httpGet: { port: 80 }, periodSeconds: 10, failureThreshold: 3 } })] })
  well = false
  await clock.advance(31_000)
  expect(pod('web')?.status.containerStatuses?.[0]).toMatchObject({ restartCount: 1 })
  const told = api.all<import('#api/core/v1/types').Event>(events).map((event) => `${event.reason}: ${event.message}`)
  expect(told).toContain('Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500')
  expect(told).toContain('Killing: Container web failed liveness probe, will be restarted')
})

test('readiness follows its probe', async () => {
  let result: 'success' | 'failure' = 'failure'
  const { run, pod, clock } = await makeNode({}, async () => ({ result, output: '' }))
  const web = await run('web', { containers: [container('web', { readinessProbe: { exec: { command: ['x'] }, periodSeconds: 5, failureThreshold: 1 } })] })
  expect(condition(web, 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [web]' })
  result = 'success'
  await clock.advance(5_010)
  expect(condition(pod('web'), 'Ready')?.status).toBe('True')
})

test('a pod that asks for more than there is is refused', async () => {
  const { run, runtime } = await makeNode()
  const big = await run('big', { containers: [container('web', { resources: { requests: { cpu: '5' } } })] })
  expect(big.status).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu', message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000" })
  expect(runtime.counts.sandboxes).toBe(0)
})

test('pulls that fail back off and say so', async () => {
  const { run, pod, clock } = await makeNode({ failPull: () => 'no such host' })
  const web = await run('web')
  expect(web.status.phase).toBe('Pending')
  expect(web.status.containerStatuses?.[0]?.state.waiting).toEqual({ reason: 'ErrImagePull', message: 'no such host' })
  // A second look before the time comes says that it waits.
  await clock.advance(5_000)
  expect(pod('web')?.status.containerStatuses?.[0]?.state.waiting?.reason).toMatch(/ErrImagePull|ImagePullBackOff/)
})

test('a kubelet that comes back adopts what runs and ends what nobody wants', async () => {
  const { run, pod, api, clock, runtime, stop, start } = await makeNode()
  await run('keep')
  await run('gone')
  const before = await runtime.listContainers({ state: 'running' })
  await stop()
  api.vanish(pods, 'default/gone')
  runtime.record = true
  await start()
  await clock.advance(100)
  expect(pod('keep')?.status.containerStatuses?.[0]).toMatchObject({ restartCount: 0, ready: true })
  expect(await runtime.listContainers({ state: 'running' })).toEqual(before.filter((one) => one.labels['io.kubernetes.pod.name'] === 'keep'))
  expect(runtime.calls).toContain('StopContainer web 30')
  expect(runtime.calls.filter((call) => call.startsWith('Start'))).toEqual([])
})

test('an active deadline ends the pod', async () => {
  const { run, pod, clock } = await makeNode()
  await run('slow', { activeDeadlineSeconds: 20 })
  await clock.advance(20_100)
  expect(pod('slow')?.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' })
})

test('changed resources reach running containers, by restart where the policy says so', async () => {
  const { run, api, clock, runtime, pod } = await makeNode()
  const web = container('web', { resources: { requests: { cpu: '100m' } } })
  const cache = container('cache', { resources: { requests: { memory: '1Mi' } }, resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] })
  const before = await run('web', { containers: [web, cache] })
  runtime.record = true
  const bigger = (one: Container, requests: Record<string, string>): Container => ({ ...one, resources: { requests } })
  api.seed(pods, { ...before, metadata: { ...before.metadata, generation: 2 }, spec: { ...before.spec, containers: [bigger(web, { cpu: '200m' }), bigger(cache, { memory: '2Mi' })] } })
  await clock.advance(100)
  const [running] = await runtime.listContainers({ state: 'running', labels: { 'io.kubernetes.container.name': 'web' } })
  expect((await runtime.containerStatus(running!.id)).resources?.cpuShares).toBe(204)
  expect(pod('web')?.status.containerStatuses?.map(({ restartCount, resources }) => ({ restartCount, resources }))).toEqual([
    { restartCount: 0, resources: { requests: { cpu: '200m' } } }, { restartCount: 1, resources: { requests: { memory: '2Mi' } } },
  ])
})

test('a node with quiet pods is idle between heartbeats', async () => {
  const { run, clock, api } = await makeNode()
  for (let i = 0; i < 20; i++) await run(`web${i}`)
  const calls = api.calls.length
  await clock.advance(9_000)
  expect(api.calls.length - calls).toBeLessThanOrEqual(1)
  expect(clock.pending).toBeLessThan(5)
})

test('a static pod runs without the API, is shown there by a mirror that comes back when it is deleted, and goes with its file', async () => {
  let deliver!: PodHandler
  const source: PodSource = { synced: Promise.resolve(), subscribe: (handler) => ((deliver = handler), { [Symbol.dispose]: () => undefined }) }
  const { pod, api, clock, client, runtime } = await makeNode({}, alwaysWell, source)
  const web = await staticPod('apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: c, image: "web:1" }] }\n', '/etc/x/web.yaml', 'n1', '2026-01-01T00:00:00Z')
  deliver(web, undefined)
  await clock.advance(1000)
  const mirror = pod('web-n1')!
  expect(mirror.status).toMatchObject({ phase: 'Running', containerStatuses: [{ name: 'c', ready: true }] })
  expect(mirror.metadata).toMatchObject({ annotations: { 'kubernetes.io/config.mirror': web.metadata.uid }, ownerReferences: [{ kind: 'Node', name: 'n1', controller: true }] })
  expect(mirror.metadata.uid).not.toBe(web.metadata.uid)
  expect(runtime.counts.running, 'the mirror itself is not run').toBe(1)

  await client.delete(pods, { namespace: 'default', name: 'web-n1' })
  await clock.advance(1000)
  expect(pod('web-n1')!.metadata.uid).not.toBe(mirror.metadata.uid)
  expect(pod('web-n1')!.status.phase).toBe('Running')
  expect(runtime.counts.running).toBe(1)

  deliver(undefined, web)
  await clock.advance(40_000)
  expect(pod('web-n1')).toBeUndefined()
  expect(runtime.counts).toEqual({ sandboxes: 0, running: 0 })
  expect(api.all(pods)).toEqual([])
})
