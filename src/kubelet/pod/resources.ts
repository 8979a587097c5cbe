import type { Container, Pod, ResourceRequirements } from '#api/core/v1/types'
import type { LinuxContainerResources } from '../runtime-service'
import { milli, whole } from './amount'
import { podQos } from './qos'
import { isSidecar } from './runtime-pod'

const period = 100_000
const minShares = 2
const maxShares = 262_144

/** cgroup v1 shares; the runtime turns them into v2 weights. */
export function cpuShares(milliCpu: number): number {
  return Math.min(maxShares, Math.max(minShares, Math.floor((milliCpu * 1024) / 1000)))
}

/** Microseconds in each period of 100 ms; at least 1 ms, since the kernel takes no less. */
export function cpuQuota(milliCpu: number): number {
  return milliCpu === 0 ? 0 : Math.max(1000, Math.floor((milliCpu * period) / 1000))
}

export interface NodeMemory { capacityBytes: number }

/** What the runtime is told about one container. */
export function linuxResources(pod: Pod, container: Container, node: NodeMemory): LinuxContainerResources {
  const { requests, limits } = container.resources ?? {}
  const cpuRequest = milli(requests?.['cpu'])
  const cpuLimit = milli(limits?.['cpu'])
  const memoryLimit = whole(limits?.['memory'])
  const hugepages = Object.entries(limits ?? {}).filter(([name]) => name.startsWith('hugepages-'))
  return {
    // A limit without a request asks for as much; the API server fills that in, other sources may not.
    cpuShares: cpuShares(requests?.['cpu'] === undefined && cpuLimit > 0 ? cpuLimit : cpuRequest),
    ...(cpuLimit > 0 ? { cpuQuota: cpuQuota(cpuLimit), cpuPeriod: period } : {}),
    ...(memoryLimit > 0 ? { memoryLimitInBytes: memoryLimit } : {}),
    oomScoreAdj: oomScoreAdjust(pod, container, node),
    ...(hugepages.length > 0 ? { hugepageLimits: hugepages.map(([name, limit]) => ({ pageSize: pageSizeOf(name), limit: whole(limit) })) } : {}),
  }
}

/** `hugepages-2Mi` is the kernel's `2MB`. */
function pageSizeOf(resource: string): string {
  return resource.slice('hugepages-'.length).replace(/i$/, 'B')
}

/** Who is killed first when the node runs out of memory: those that asked for little of what they use. */
export function oomScoreAdjust(pod: Pod, container: Container, { capacityBytes }: NodeMemory): number {
  if ((pod.spec.priority ?? 0) >= 2_000_000_000) return -997
  const qos = podQos(pod)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const request = whole(container.resources?.requests?.['memory'])
  if (capacityBytes <= 0) return 999
  let adjust = 1000 - Math.floor((1000 * request) / capacityBytes)
  if (isSidecar(container)) {
    const smallest = Math.min(...pod.spec.containers.map((one) => whole(one.resources?.requests?.['memory'])))
    adjust = Math.min(adjust, 1000 - Math.floor((1000 * smallest) / capacityBytes))
  }
  return adjust <= 3 ? 3 : adjust >= 1000 ? 999 : adjust
}

/** The pod's own cgroup: undefined limits stay open. */
export function podCgroupResources(pod: Pod): { cpuShares: number; cpuQuota?: number; memoryLimitBytes?: number } {
  const qos = podQos(pod)
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  const shares = qos === 'BestEffort' ? minShares : cpuShares(podTotal(pod, 'requests', 'cpu', milli))
  const every = (name: string): boolean => pod.spec.resources?.limits?.[name] !== undefined || all.every((container) => container.resources?.limits?.[name] !== undefined)
  return {
    cpuShares: shares,
    ...(qos !== 'BestEffort' && every('cpu') ? { cpuQuota: cpuQuota(podTotal(pod, 'limits', 'cpu', milli)) } : {}),
    ...(qos !== 'BestEffort' && every('memory') ? { memoryLimitBytes: podTotal(pod, 'limits', 'memory', whole) } : {}),
  }
}

/** What a pod takes of a resource: regular containers and sidecars together, or the largest step of initialization. */
export function podTotal(pod: Pod, sort: 'requests' | 'limits', name: string, read: (quantity: string | undefined) => number): number {
  const of = (resources: ResourceRequirements | undefined): number => read(resources?.[sort]?.[name])
  const overhead = read(pod.spec.overhead?.[name])
  const podLevel = pod.spec.resources?.[sort]?.[name]
  if (podLevel !== undefined) return read(podLevel) + overhead
  let regular = 0
  for (const container of pod.spec.containers) regular += of(container.resources)
  let sidecars = 0
  let largest = 0
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) {
      sidecars += of(container.resources)
      largest = Math.max(largest, sidecars)
    } else {
      largest = Math.max(largest, sidecars + of(container.resources))
    }
  }
  return Math.max(regular + sidecars, largest) + overhead
}
