import type { Container, Pod, PodCondition, PodStatus } from '#api/core/v1/types'
import { podConditions } from './conditions'
import { containerStatuses } from './container-status'
import type { StatusSources } from './container-status'
import { isTerminalPhase, podPhase } from './phase'
import type { Verdict } from './pod-workers'
import { podQos } from './qos'
import { anyActiveRegularContainerStarted, isHostNetwork } from './runtime-pod'
import { toTime } from './time'

export interface PodStatusSources extends StatusSources {
  /** What was reported last, by this kubelet or its forerunner. */
  old: PodStatus
  hostIps: readonly string[]
  now: number
  /** The kubelet will start nothing of it again. */
  isTerminal: boolean
  /** A verdict that overrides what the containers say: eviction, deadline, shutdown. */
  verdict?: Verdict
}

/** A pod's whole status, from what the runtime, the probes and the past say. The result is new and is not changed again. */
export function podStatus(sources: PodStatusSources): PodStatus {
  const { pod, runtimePod, old, hostIps, now } = sources
  const { spec } = pod
  const regular = containerStatuses(sources, spec.containers, old.containerStatuses, 'regular')
  const init = spec.initContainers?.length ? containerStatuses(sources, spec.initContainers, old.initContainerStatuses, 'init') : undefined
  const ephemeral = spec.ephemeralContainers?.length ? containerStatuses(sources, spec.ephemeralContainers as Container[], old.ephemeralContainerStatuses, 'ephemeral') : undefined

  const status: PodStatus = {}
  if (pod.metadata.generation !== undefined) status.observedGeneration = pod.metadata.generation
  status.phase = phaseOf(sources, [...regular, ...(init ?? [])])
  if (sources.verdict) {
    status.reason = sources.verdict.reason
    status.message = sources.verdict.message
  } else if (status.phase === old.phase) {
    const reason = old.reason ?? pod.status.reason
    const message = old.message ?? pod.status.message
    if (reason) status.reason = reason
    if (message) status.message = message
  }
  const startTime = old.startTime ?? pod.status.startTime ?? toTime(now)
  if (startTime) status.startTime = startTime
  setAddresses(status, pod, runtimePod.sandboxes[0]?.ips ?? [], old, hostIps, sources.isTerminal)
  status.qosClass = pod.status.qosClass ?? podQos(pod)
  status.containerStatuses = regular
  if (init) status.initContainerStatuses = init
  if (ephemeral) status.ephemeralContainerStatuses = ephemeral
  const disruption = disruptionOf(sources) ?? old.conditions?.find((condition) => condition.type === 'DisruptionTarget')
  if (disruption) status.conditions = [disruption]
  status.conditions = podConditions(pod, runtimePod, status, old, now)
  return status
}

function phaseOf({ pod, runtimePod, old, isTerminal, verdict }: PodStatusSources, statuses: Parameters<typeof podPhase>[1]): string {
  // A phase that has ended never begins again, whatever the containers say.
  if (isTerminalPhase(pod.status.phase)) return pod.status.phase!
  if (isTerminalPhase(old.phase)) return old.phase!
  if (verdict) return 'Failed'
  return podPhase(pod, statuses, isTerminal, anyActiveRegularContainerStarted(pod, runtimePod))
}

function disruptionOf({ pod, old, verdict, now }: PodStatusSources): PodCondition | undefined {
  if (!verdict?.disruption) return undefined
  const before = old.conditions?.find((condition) => condition.type === 'DisruptionTarget')
  const { generation } = pod.metadata
  const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : toTime(now)
  return { type: 'DisruptionTarget', ...(generation === undefined ? {} : { observedGeneration: generation }), status: 'True', ...(lastTransitionTime ? { lastTransitionTime } : {}), reason: verdict.disruption, message: verdict.message }
}

function setAddresses(status: PodStatus, pod: Pod, ips: readonly string[], old: PodStatus, hostIps: readonly string[], isTerminal: boolean): void {
  if (hostIps.length > 0) {
    status.hostIP = hostIps[0]!
    status.hostIPs = hostIps.slice(0, 2).map((ip) => ({ ip }))
  }
  let podIps = isHostNetwork(pod) ? hostIps : ips
  // A stopped sandbox has no address; the pod keeps the one it had.
  if (podIps.length === 0 && isTerminal) podIps = old.podIPs?.map(({ ip }) => ip) ?? []
  if (podIps.length > 0) {
    status.podIP = podIps[0]!
    status.podIPs = podIps.map((ip) => ({ ip }))
  }
}
