import type { Clock } from '#base/clock'
import { podUidLabel } from '../pod/labels'
import type {
  ContainerConfig, ContainerEvent, ContainerFilter, LinuxContainerResources, PodSandbox, PodSandboxFilter, PodSandboxStatus,
  RuntimeContainer, RuntimeContainerStatus, RuntimeService,
} from '../runtime-service'
import { RuntimeError } from '../runtime-service'
import type { ContainerOutcome, FakeRules } from './rules'
import { runsForever } from './rules'

export interface FakeRuntimeOptions {
  clock: Clock
  rules?: FakeRules
  /** The address of the next sandbox. By default 10.0.x.y, counted up. */
  nextIp?: () => string
}

/** Everything a test or a simulation may do to the runtime behind the kubelet's back. */
export interface FakeRuntimeService extends RuntimeService {
  /** The container's process ends, as if by itself. */
  exit(containerId: string, exitCode: number, reason?: string): void
  /** Running containers and ready sandboxes, for assertions. */
  readonly counts: { sandboxes: number; running: number }
  /** Verbs in the order in which they were called, when recording was asked for. */
  readonly calls: string[]
  record: boolean
}

interface Sandbox { status: PodSandboxStatus; host: boolean; containers: Container[] }
interface Container { status: RuntimeContainerStatus; config: ContainerConfig; sandbox: Sandbox; timer?: Disposable }

/**
 * A runtime that keeps its containers in memory: they start at once and run until they are told otherwise by a rule. No
 * timers but those that a rule asks for, so that thousands of pods cost memory only.
 */
export function createFakeRuntimeService({ clock, rules = {}, nextIp = countIps() }: FakeRuntimeOptions): FakeRuntimeService {
  const sandboxes = new Map<string, Sandbox>()
  const containers = new Map<string, Container>()
  const byPod = new Map<string, Sandbox[]>()
  const listeners = new Set<(event: ContainerEvent) => void>()
  const calls: string[] = []
  let serial = 0
  let running = 0

  const id = (sort: string): string => `${sort}${(++serial).toString(16).padStart(8, '0')}`
  const note = (verb: string, name: string): void => {
    if (service.record) calls.push(`${verb} ${name}`)
  }
  const tell = (container: Container, type: ContainerEvent['type']): void => {
    if (listeners.size === 0) return
    const event: ContainerEvent = { containerId: container.status.id, type, podUid: container.sandbox.status.metadata.uid }
    for (const listener of listeners) listener(event)
  }
  const containerOf = (containerId: string): Container => {
    const container = containers.get(containerId)
    if (!container) throw new RuntimeError('not-found', `an error occurred when try to find container "${containerId}": not found`)
    return container
  }
  const sandboxOf = (sandboxId: string): Sandbox => {
    const sandbox = sandboxes.get(sandboxId)
    if (!sandbox) throw new RuntimeError('not-found', `an error occurred when try to find sandbox: not found`)
    return sandbox
  }
  const end = (container: Container, exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error'): void => {
    if (container.status.state !== 'running') return
    container.timer?.[Symbol.dispose]()
    delete container.timer
    running--
    container.status = { ...container.status, state: 'exited', exitCode, reason, finishedAt: clock.now() }
    tell(container, 'stopped')
  }
  const drop = (container: Container): void => {
    end(container, 137)
    containers.delete(container.status.id)
    container.sandbox.containers.splice(container.sandbox.containers.indexOf(container), 1)
    tell(container, 'deleted')
  }
  function* sandboxesFor(filter: PodSandboxFilter = {}): Iterable<Sandbox> {
    const uid = filter.labels?.[podUidLabel]
    const among = uid === undefined ? sandboxes.values() : (byPod.get(uid) ?? [])
    for (const sandbox of among) {
      const { status } = sandbox
      if ((filter.id === undefined || status.id === filter.id) && (filter.state === undefined || status.state === filter.state) && carries(status.labels, filter.labels)) yield sandbox
    }
  }
  function* containersFor(filter: ContainerFilter = {}): Iterable<Container> {
    const uid = filter.labels?.[podUidLabel]
    const among = uid === undefined ? containers.values() : (byPod.get(uid) ?? []).flatMap((sandbox) => sandbox.containers)
    for (const container of among) {
      const { status } = container
      if ((filter.id === undefined || status.id === filter.id) && (filter.state === undefined || status.state === filter.state)
        && (filter.podSandboxId === undefined || container.sandbox.status.id === filter.podSandboxId) && carries(status.labels, filter.labels)) yield container
    }
  }

  const service: FakeRuntimeService = {
    record: false,
    calls,
    get counts() {
      let ready = 0
      for (const { status } of sandboxes.values()) if (status.state === 'ready') ready++
      return { sandboxes: ready, running }
    },
    exit: (containerId, exitCode, reason) => end(containerOf(containerId), exitCode, reason),

    version: async () => ({ version: '0.1.0', runtimeName: 'fake', runtimeVersion: '1.0.0', runtimeApiVersion: 'v1' }),
    status: async () => ({
      conditions: [{ type: 'RuntimeReady', status: true }, { type: 'NetworkReady', status: true }],
      handlers: [{ name: '', recursiveReadOnlyMounts: false, userNamespaces: false }],
      supplementalGroupsPolicy: false,
    }),
    async runPodSandbox(config, runtimeHandler = '') {
      note('RunPodSandbox', config.metadata.name)
      rules.failSandbox?.(config)
      const host = config.linux?.securityContext?.namespaceOptions?.network === 'node'
      const status: PodSandboxStatus = {
        id: id('s'), metadata: config.metadata, state: 'ready', createdAt: clock.now(), labels: config.labels ?? {},
        annotations: config.annotations ?? {}, runtimeHandler, ips: host ? [] : [nextIp()],
      }
      const sandbox: Sandbox = { status, host, containers: [] }
      sandboxes.set(status.id, sandbox)
      const { uid } = config.metadata
      byPod.set(uid, [sandbox, ...(byPod.get(uid) ?? [])])
      return status.id
    },
    async stopPodSandbox(sandboxId) {
      const sandbox = sandboxes.get(sandboxId)
      if (!sandbox || sandbox.status.state === 'not-ready') return
      note('StopPodSandbox', sandbox.status.metadata.name)
      for (const container of sandbox.containers) end(container, 137)
      sandbox.status = { ...sandbox.status, state: 'not-ready', ips: [] }
    },
    async removePodSandbox(sandboxId) {
      const sandbox = sandboxes.get(sandboxId)
      if (!sandbox) return
      note('RemovePodSandbox', sandbox.status.metadata.name)
      for (const container of sandbox.containers.slice()) drop(container)
      sandboxes.delete(sandboxId)
      const { uid } = sandbox.status.metadata
      const rest = (byPod.get(uid) ?? []).filter((one) => one !== sandbox)
      if (rest.length > 0) byPod.set(uid, rest)
      else byPod.delete(uid)
    },
    podSandboxStatus: async (sandboxId) => sandboxOf(sandboxId).status,
    listPodSandboxes: async (filter) => Array.from(sandboxesFor(filter), ({ status }): PodSandbox => status),
    async createContainer(sandboxId, config) {
      const sandbox = sandboxOf(sandboxId)
      note('CreateContainer', config.metadata.name)
      rules.failCreate?.(config)
      const status: RuntimeContainerStatus = {
        id: id('c'), metadata: config.metadata, state: 'created', createdAt: clock.now(), startedAt: 0, finishedAt: 0, exitCode: 0, reason: '', message: '',
        image: config.image.userSpecifiedImage ?? config.image.image, imageRef: config.image.image, imageId: config.image.image,
        labels: config.labels ?? {}, annotations: config.annotations ?? {}, mounts: config.mounts ?? [], logPath: '',
      }
      const container: Container = { status, config, sandbox }
      containers.set(status.id, container)
      sandbox.containers.unshift(container)
      tell(container, 'created')
      return status.id
    },
    async startContainer(containerId) {
      const container = containerOf(containerId)
      note('StartContainer', container.config.metadata.name)
      const outcome: ContainerOutcome = rules.outcome?.(container.config, container.sandbox.status) ?? runsForever
      if (outcome.startDelayMs) await clock.sleep(outcome.startDelayMs)
      if (outcome.failStart) throw new RuntimeError('unknown', outcome.failStart)
      running++
      container.status = { ...container.status, state: 'running', startedAt: clock.now() }
      tell(container, 'started')
      if (outcome.runMs === 0) end(container, outcome.exitCode ?? 0, outcome.reason)
      else if (outcome.runMs !== undefined) container.timer = clock.after(outcome.runMs, () => end(container, outcome.exitCode ?? 0, outcome.reason))
    },
    async stopContainer(containerId, timeoutSeconds) {
      const container = containers.get(containerId)
      if (container?.status.state !== 'running') return
      note('StopContainer', `${container.config.metadata.name} ${timeoutSeconds}`)
      const outcome = rules.outcome?.(container.config, container.sandbox.status) ?? runsForever
      if (outcome.ignoresStop) {
        await clock.sleep(timeoutSeconds * 1000)
        end(container, 137)
        return
      }
      if (outcome.stopDelayMs) await clock.sleep(Math.min(outcome.stopDelayMs, timeoutSeconds * 1000))
      end(container, outcome.stopExitCode ?? 0)
    },
    async removeContainer(containerId) {
      const container = containers.get(containerId)
      if (!container) return
      note('RemoveContainer', container.config.metadata.name)
      drop(container)
    },
    listContainers: async (filter) => Array.from(containersFor(filter), ({ status, sandbox }): RuntimeContainer => ({ ...status, podSandboxId: sandbox.status.id })),
    containerStatus: async (containerId) => containerOf(containerId).status,
    async updateContainerResources(containerId, resources: LinuxContainerResources) {
      const container = containerOf(containerId)
      container.status = { ...container.status, resources: { ...container.status.resources, ...resources } }
    },
    async reopenContainerLog(containerId) {
      containerOf(containerId)
    },
    async execSync(containerId, command) {
      const container = containerOf(containerId)
      if (container.status.state !== 'running') throw new RuntimeError('failed-precondition', 'container is not running')
      return rules.exec?.(container.config, command) ?? { stdout: new Uint8Array(), stderr: new Uint8Array(), exitCode: 0 }
    },
    exec: async () => { throw noStreams() },
    attach: async () => { throw noStreams() },
    portForward: async () => { throw noStreams() },
    listContainerStats: async (filter) => Array.from(containersFor({ ...filter, state: 'running' }), ({ status }) => ({
      id: status.id, metadata: status.metadata, labels: status.labels, timestamp: clock.now(), ...rules.usage?.(status),
    })),
    overview: async () => ({
      sandboxes: Array.from(sandboxes.values(), ({ status }) => status),
      containers: Array.from(containers.values(), ({ status: { id, state }, sandbox }) => ({ id, state, podSandboxId: sandbox.status.id })),
    }),
    events: (deliver, signal) => new Promise((resolve) => {
      if (signal.aborted) return resolve()
      listeners.add(deliver)
      signal.addEventListener('abort', () => {
        listeners.delete(deliver)
        resolve()
      }, { once: true })
    }),
    async [Symbol.asyncDispose]() {
      for (const container of containers.values()) container.timer?.[Symbol.dispose]()
      listeners.clear()
    },
  }
  return service
}

const noStreams = (): RuntimeError => new RuntimeError('unimplemented', 'the fake runtime has no processes to exec into, attach to or forward to')

function carries(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> | undefined): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false
  return true
}

function countIps(): () => string {
  let n = 1
  return () => {
    n++
    return `10.0.${(n >> 8) & 255}.${n & 255}`
  }
}
