import type { ContainerStatus, Pod, PodCondition, PodStatus } from '#api/core/v1/types'
import { sandboxChanged } from './actions'
import type { RuntimePod } from './runtime-pod'
import { isSidecar } from './runtime-pod'
import { toTime } from './time'

type Found = Pick<PodCondition, 'status' | 'reason' | 'message'>

/** Conditions that the kubelet alone writes; all others belong to whoever set them. */
const owned: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized', 'ContainersReady', 'PodReadyToStartContainers', 'PodResizePending', 'PodResizeInProgress', 'AllContainersRestarting'])
export function isKubeletCondition(type: string): boolean {
  return owned.has(type)
}

/** The kubelet's conditions in upstream's order, with transition times carried over where nothing turned. */
export function podConditions(pod: Pod, runtimePod: RuntimePod, status: PodStatus, old: PodStatus, now: number): PodCondition[] {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  const foreign = (pod.status.conditions ?? []).filter((condition) => !isKubeletCondition(condition.type))
  const kept = [...foreign]
  for (const condition of status.conditions ?? []) {
    if (isKubeletCondition(condition.type)) continue
    const at = kept.findIndex((other) => other.type === condition.type)
    if (at < 0) kept.push(condition)
    else kept[at] = condition
  }
  const containersReady = containersReadyCondition(pod, statuses, status.phase)
  const found: [string, Found][] = [
    ['PodReadyToStartContainers', { status: sandboxChanged(pod, runtimePod).changed ? 'False' : 'True' }],
    ['Initialized', initializedCondition(pod, statuses, status.phase)],
    ['Ready', readyCondition(pod, kept, containersReady)],
    ['ContainersReady', containersReady],
    ['PodScheduled', { status: 'True' }],
  ]
  return [...kept, ...found.map(([type, condition]) => stamped(type, condition, pod, old, now))]
}

function stamped(type: string, found: Found, pod: Pod, old: PodStatus, now: number): PodCondition {
  const before = old.conditions?.find((condition) => condition.type === type)
  const lastTransitionTime = before?.status === found.status ? before.lastTransitionTime : toTime(now)
  return {
    type,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    status: found.status,
    ...(lastTransitionTime ? { lastTransitionTime } : {}),
    ...(found.reason ? { reason: found.reason } : {}),
    ...(found.message ? { message: found.message } : {}),
  }
}

const goList = (names: readonly string[]): string => `[${names.join(' ')}]`

function containersReadyCondition(pod: Pod, statuses: readonly ContainerStatus[], phase: string | undefined): Found {
  const unknown: string[] = []
  const unready: string[] = []
  const look = (name: string): void => {
    const status = statuses.find((one) => one.name === name)
    if (!status) unknown.push(name)
    else if (!status.ready) unready.push(name)
  }
  for (const container of pod.spec.initContainers ?? []) if (isSidecar(container)) look(container.name)
  for (const container of pod.spec.containers) look(container.name)

  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const messages: string[] = []
  if (unknown.length > 0) messages.push(`containers with unknown status: ${goList(unknown)}`)
  if (unready.length > 0) messages.push(`containers with unready status: ${goList(unready)}`)
  return messages.length > 0 ? { status: 'False', reason: 'ContainersNotReady', message: messages.join(', ') } : { status: 'True' }
}

function readyCondition(pod: Pod, conditions: readonly PodCondition[], containersReady: Found): Found {
  if (containersReady.status !== 'True') return containersReady
  const messages: string[] = []
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const condition = conditions.find((one) => one.type === conditionType)
    if (!condition) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`)
    else if (condition.status !== 'True') messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`)
  }
  return messages.length > 0 ? { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') } : { status: 'True' }
}

function initializedCondition(pod: Pod, statuses: readonly ContainerStatus[], phase: string | undefined): Found {
  const unknown: string[] = []
  const incomplete: string[] = []
  for (const container of pod.spec.initContainers ?? []) {
    const status = statuses.find((one) => one.name === container.name)
    if (!status) unknown.push(container.name)
    else if (isSidecar(container) ? status.started !== true : !status.ready) incomplete.push(container.name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'True', reason: 'PodCompleted' }
  const anyStarted = pod.spec.containers.some((container) => {
    const status = statuses.find((one) => one.name === container.name)
    return status !== undefined && (status.started === true || status.state.running !== undefined || status.state.terminated !== undefined || status.lastState.terminated !== undefined)
  })
  if (anyStarted) return { status: 'True' }
  const messages: string[] = []
  if (unknown.length > 0) messages.push(`containers with unknown status: ${goList(unknown)}`)
  if (incomplete.length > 0) messages.push(`containers with incomplete status: ${goList(incomplete)}`)
  return messages.length > 0 ? { status: 'False', reason: 'ContainersNotInitialized', message: messages.join(', ') } : { status: 'True' }
}
