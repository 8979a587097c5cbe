import type { ContainerFilter, PodSandbox, PodSandboxFilter, PodSandboxStatus, RuntimeContainer, RuntimeContainerStatus, RuntimeService } from '../runtime-service'
import { isRuntimeNotFound, isUnimplemented, RuntimeError } from '../runtime-service'
import { type Clock, systemClock } from '#base/clock'
import type { CriConnection } from './connection'
import { containerdEvents } from './containerd-events'
import type { WireContainerStatus, WireFsUsage } from './messages'
import { methods } from './messages'

/** The runtime behind a CRI socket: containerd, CRI-O. `connection` is closed with it. */
export function createCriRuntimeService(connection: CriConnection, clock: Clock = systemClock): RuntimeService {
  const { call } = connection
  /** Containers and sandboxes that somebody stops at the moment. */
  const stopping = new Set<string>()
  const stop = async (id: string, work: Promise<unknown>): Promise<void> => {
    stopping.add(id)
    try {
      await unlessGone(work)
    } finally {
      // Its event may come behind the answer.
      clock.after(1000, () => stopping.delete(id))
    }
  }
  const service: RuntimeService = {
    version: () => call(methods.version, { version: 'v1' }),
    async status() {
      const { status, runtimeHandlers, features } = await call(methods.status, {})
      return {
        conditions: status?.conditions ?? [],
        handlers: runtimeHandlers.map(({ name, features: able }) => ({ name, recursiveReadOnlyMounts: able?.recursiveReadOnlyMounts ?? false, userNamespaces: able?.userNamespaces ?? false })),
        supplementalGroupsPolicy: features?.supplementalGroupsPolicy ?? false,
      }
    },
    // Network plugins may take their time; the original waits four minutes.
    runPodSandbox: async (config, runtimeHandler = '') => (await call(methods.runPodSandbox, { config, runtimeHandler }, { timeoutMs: 240_000 })).id,
    stopPodSandbox: (id) => stop(id, call(methods.stopPodSandbox, { id })),
    removePodSandbox: (id) => unlessGone(call(methods.removePodSandbox, { id })),
    async podSandboxStatus(id) {
      const { status } = await call(methods.podSandboxStatus, { id })
      if (!status) throw new RuntimeError('unknown', `PodSandboxStatus of ${id} has no status`)
      const { network, ...rest } = status
      const ips = network?.ip ? [network.ip, ...network.additionalIps.map(({ ip }) => ip)] : []
      return { ...rest, ips } satisfies PodSandboxStatus
    },
    listPodSandboxes: async (filter) => (await call(methods.listPodSandbox, filter ? { filter: sandboxFilter(filter) } : {})).items satisfies PodSandbox[],
    createContainer: async (podSandboxId, config, sandboxConfig) => (await call(methods.createContainer, { podSandboxId, config, sandboxConfig })).id,
    startContainer: async (id) => void (await call(methods.startContainer, { id })),
    // The runtime answers only when the container has ended, so the grace period comes on top.
    stopContainer: (id, timeout) => stop(id, call(methods.stopContainer, { id, timeout }, { timeoutMs: timeout * 1000 + 120_000 })),
    removeContainer: (id) => unlessGone(call(methods.removeContainer, { id })),
    async listContainers(filter) {
      const { containers } = await call(methods.listContainers, filter ? { filter: containerFilter(filter) } : {})
      return containers.map(({ image, ...rest }): RuntimeContainer => ({ ...rest, image: image?.userSpecifiedImage || image?.image || '' }))
    },
    async containerStatus(id) {
      const { status } = await call(methods.containerStatus, { id })
      if (!status) throw new RuntimeError('unknown', `ContainerStatus of ${id} has no status`)
      return containerStatus(status)
    },
    updateContainerResources: async (id, linux) => void (await call(methods.updateContainerResources, { id, linux })),
    reopenContainerLog: async (id) => void (await call(methods.reopenContainerLog, { id })),
    execSync: (id, cmd, timeout) => call(methods.execSync, { id, cmd, timeout }, { timeoutMs: timeout > 0 ? timeout * 1000 + 5000 : 3_600_000 }),
    exec: async (request) => (await call(methods.exec, request)).url,
    attach: async (request) => (await call(methods.attach, request)).url,
    portForward: async (id, port) => (await call(methods.portForward, { id, port })).url,
    async listContainerStats(filter) {
      const { state: _, ...rest } = filter ?? {}
      const { stats } = await call(methods.listContainerStats, { filter: rest })
      return stats.flatMap(({ attributes, cpu, memory, writableLayer }) => !attributes ? [] : {
        id: attributes.id, metadata: attributes.metadata, labels: attributes.labels, timestamp: cpu?.timestamp ?? memory?.timestamp ?? 0,
        ...(cpu?.usageCoreNanoSeconds === undefined ? {} : { cpuUsageCoreNanoSeconds: cpu.usageCoreNanoSeconds }),
        ...(cpu?.usageNanoCores === undefined ? {} : { cpuUsageNanoCores: cpu.usageNanoCores }),
        ...(memory?.workingSetBytes === undefined ? {} : { memoryWorkingSetBytes: memory.workingSetBytes }),
        ...(memory?.usageBytes === undefined ? {} : { memoryUsageBytes: memory.usageBytes }),
        ...(memory?.rssBytes === undefined ? {} : { memoryRssBytes: memory.rssBytes }),
        ...(memory?.availableBytes === undefined ? {} : { memoryAvailableBytes: memory.availableBytes }),
        ...(memory?.pageFaults === undefined ? {} : { memoryPageFaults: memory.pageFaults }),
        ...(memory?.majorPageFaults === undefined ? {} : { memoryMajorPageFaults: memory.majorPageFaults }),
        ...(writableLayer ? { writableLayer: fsUsage(writableLayer) } : {}),
      })
    },
    async overview() {
      const [{ items }, { containers }] = await Promise.all([call(methods.briefSandboxes, {}), call(methods.briefContainers, {})])
      return { sandboxes: items, containers }
    },
    async events(deliver, signal) {
      try {
        await connection.stream(methods.getContainerEvents, {}, ({ containerId, type, sandbox }) =>
          deliver({ containerId, type, ...(sandbox?.metadata.uid ? { podUid: sandbox.metadata.uid } : {}) }), signal)
      } catch (error) {
        if (!isUnimplemented(error)) throw error
        await containerdEvents(connection, service, (id) => stopping.has(id), clock)(deliver, signal)
      }
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
  return service
}

export function fsUsage({ timestamp, fsId, usedBytes, inodesUsed }: WireFsUsage) {
  return { timestamp, mountpoint: fsId?.mountpoint ?? '', usedBytes: usedBytes ?? 0, inodesUsed: inodesUsed ?? 0 }
}

function containerStatus({ image, resources, user, stopSignal, ...rest }: WireContainerStatus): RuntimeContainerStatus {
  return {
    ...rest,
    image: image?.userSpecifiedImage || image?.image || '',
    ...(resources?.linux ? { resources: resources.linux } : {}),
    ...(user?.linux ? { user: user.linux } : {}),
    ...(stopSignal ? { stopSignal } : {}),
  }
}

const sandboxFilter = ({ state, ...rest }: PodSandboxFilter): object => ({ ...rest, ...(state ? { state: { state } } : {}) })
const containerFilter = ({ state, ...rest }: ContainerFilter): object => ({ ...rest, ...(state ? { state: { state } } : {}) })

async function unlessGone(promise: Promise<unknown>): Promise<void> {
  try {
    await promise
  } catch (error) {
    if (!isRuntimeNotFound(error)) throw error
  }
}
