import type { Quantity } from '#apimachinery/meta/v1/scalars'
import type { Node, NodeCondition, NodeStatus } from '#api/core/v1/types'
import { sameData } from '#base/clone'
import { amount, milli } from '../pod/amount'
import { toTime } from '../pod/time'
import type { Image, RuntimeVersion } from '../runtime-service'
import type { Machine, Pressure } from './machine'

export const kubeletVersion = 'v1.36.0'
/** The original lists no more, since the list goes out with every status. */
const listedImages = 50

export interface NodeFacts {
  nodeName: string
  hostname: string
  nodeIps: readonly string[]
  maxPods: number
  port: number
  /** Kept from pods: for the system and the kubelet together. */
  reserved: Readonly<Record<string, Quantity>>
  machine: Machine
  runtime: RuntimeVersion
  images: readonly Image[]
  pressure: Pressure
  /** Why the node is not ready, in words; undefined when it is. */
  problem: string | undefined
  now: number
}

/** The node's labels that the kubelet itself sets. */
export function kubeletLabels({ hostname, machine }: Pick<NodeFacts, 'hostname' | 'machine'>): Record<string, string> {
  const { operatingSystem, architecture } = machine.info
  return {
    'beta.kubernetes.io/arch': architecture, 'beta.kubernetes.io/os': operatingSystem,
    'kubernetes.io/arch': architecture, 'kubernetes.io/os': operatingSystem, 'kubernetes.io/hostname': hostname,
  }
}

/** The whole status; transition times are carried over from the status before. */
export function nodeStatus(facts: NodeFacts, old: NodeStatus | undefined): NodeStatus {
  const { machine, runtime, maxPods, reserved } = facts
  const capacity: Record<string, Quantity> = { ...machine.capacity, pods: String(maxPods) }
  const allocatable: Record<string, Quantity> = { ...capacity }
  for (const [name, kept] of Object.entries(reserved)) if (capacity[name] !== undefined) allocatable[name] = less(name, capacity[name], kept)
  return {
    capacity,
    allocatable,
    conditions: conditions(facts, old),
    addresses: [...facts.nodeIps.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: facts.hostname }],
    daemonEndpoints: { kubeletEndpoint: { Port: facts.port } },
    nodeInfo: {
      ...machine.info, containerRuntimeVersion: `${runtime.runtimeName}://${runtime.runtimeVersion}`, kubeletVersion, kubeProxyVersion: '',
    },
    images: facts.images
      .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, listedImages)
      .map((image) => ({ names: [...image.repoDigests, ...image.repoTags].slice(0, 5), sizeBytes: image.sizeBytes })),
    runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: false, userNamespaces: false } }],
    features: { supplementalGroupsPolicy: false },
  }
}

function less(name: string, whole: Quantity, kept: Quantity): Quantity {
  if (name === 'cpu') return `${Math.max(0, milli(whole) - milli(kept))}m`
  return String(Math.max(0, Math.floor(amount(whole) - amount(kept))))
}

function conditions({ pressure, problem, now }: NodeFacts, old: NodeStatus | undefined): NodeCondition[] {
  const stamp = toTime(now)!
  const condition = (type: string, holds: boolean, reason: string, message: string): NodeCondition => {
    const status = holds ? 'True' : 'False'
    const before = old?.conditions?.find((one) => one.type === type)
    return { type, status, lastHeartbeatTime: stamp, lastTransitionTime: before?.status === status ? (before.lastTransitionTime ?? stamp) : stamp, reason, message }
  }
  return [
    pressure.memory
      ? condition('MemoryPressure', true, 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : condition('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    pressure.disk
      ? condition('DiskPressure', true, 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : condition('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressure.pid
      ? condition('PIDPressure', true, 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
      : condition('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    problem === undefined ? condition('Ready', true, 'KubeletReady', 'kubelet is posting ready status') : condition('Ready', false, 'KubeletNotReady', problem),
  ]
}

/** Whether two statuses say the same beside the time of the heartbeat: then there is no hurry to write. */
export function sameStatus(a: NodeStatus, b: NodeStatus): boolean {
  const still = (status: NodeStatus) => ({ ...status, conditions: status.conditions?.map(({ lastHeartbeatTime: _, ...rest }) => rest) })
  return sameData(still(a), still(b))
}

/** A strategic merge patch of what the kubelet owns in a node's status. */
export function nodeStatusPatch(node: Node, status: NodeStatus): object {
  const patch: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(status)) {
    if (field === 'addresses') {
      if (!sameData(node.status?.addresses, value)) patch[field] = [{ $patch: 'replace' }, ...(value as object[])]
    } else if (!sameData(node.status?.[field as keyof NodeStatus], value)) patch[field] = value
  }
  return { status: patch }
}
