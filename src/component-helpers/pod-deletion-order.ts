import type { ContainerStatus, Pod } from '#api/core/v1/types'
import { isPodReady, podCondition } from './pod-status'
import { isRestartableInit } from './pod-containers'

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

/** What the owner says a pod is worth; 0 where it says nothing or nonsense. */
export function deletionCost({ metadata }: Pick<Pod, 'metadata'>): number {
  const text = metadata.annotations?.[costAnnotation]
  if (text === undefined || !/^(0|[1-9]\d*|-\d+)$/.test(text)) return 0
  const cost = Number(text)
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0
}

/**
 * Which of an owner's pods go first when there are too many, cheapest to lose first: not yet on a node, pending, not ready,
 * cheap by annotation, many of them on one node, ready for a short time, often restarted, young. Times within a power of two
 * count as equal, so that the oldest pods are not always the ones that stay.
 *
 * `crowded` says how many ready pods of the owner's kind share the pod's node; `now` is in milliseconds since 1970.
 */
export function inDeletionOrder(pods: readonly Pod[], now: number, crowded: (pod: Pod) => number = countedByNode(pods)): Pod[] {
  return pods.map((pod) => factsOf(pod, now, crowded)).sort(compareForDeletion).map(({ pod }) => pod)
}

/** How many of these pods are active on the node of one. */
export function countedByNode(pods: readonly Pod[]): (pod: Pod) => number {
  const counts = new Map<string, number>()
  for (const { spec } of pods) if (spec.nodeName) counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1)
  return ({ spec }) => counts.get(spec.nodeName ?? '') ?? 0
}

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const rankOf = (pod: Pod): number => phaseRank[pod.status?.phase ?? ''] ?? 0

/** What is compared, worked out once for each pod. */
interface Facts {
  readonly pod: Pod
  readonly assigned: number
  readonly phase: number
  readonly ready: number
  readonly cost: number
  readonly crowded: number
  readonly readyAge: Age
  readonly restarts: number
  readonly sidecarRestarts: number
  readonly age: Age
}
interface Age { readonly time: string | undefined; readonly magnitude: number }

function factsOf(pod: Pod, now: number, crowded: (pod: Pod) => number): Facts {
  const ready = podCondition(pod, 'Ready')
  const ageOf = (time: string | undefined): Age => ({ time, magnitude: time ? magnitude(now - Date.parse(time)) : -1 })
  return {
    pod, assigned: pod.spec.nodeName ? 1 : 0, phase: rankOf(pod), ready: isPodReady(pod) ? 1 : 0, cost: deletionCost(pod), crowded: crowded(pod),
    readyAge: ageOf(ready?.lastTransitionTime), restarts: mostRestarts(pod.status?.containerStatuses), sidecarRestarts: mostSidecarRestarts(pod),
    age: ageOf(pod.metadata.creationTimestamp),
  }
}

function compareForDeletion(a: Facts, b: Facts): number {
  return (
    a.assigned - b.assigned || a.phase - b.phase || a.ready - b.ready || a.cost - b.cost || b.crowded - a.crowded ||
    (a.ready && b.ready ? compareAge(a, b, a.readyAge, b.readyAge) : 0) ||
    b.restarts - a.restarts || b.sidecarRestarts - a.sidecarRestarts ||
    compareAge(a, b, a.age, b.age)
  )
}

/** The younger first; of the same order of magnitude, by UID. */
function compareAge(a: Facts, b: Facts, age: Age, other: Age): number {
  if (age.time === other.time) return 0
  if (!age.time) return -1
  if (!other.time) return 1
  return age.magnitude - other.magnitude || (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1)
}

/** The whole part of the logarithm of an age in nanoseconds. */
const magnitude = (milliseconds: number): number => (milliseconds > 0 ? Math.floor(Math.log2(milliseconds * 1e6)) : -1)

const mostRestarts = (statuses: readonly ContainerStatus[] | undefined): number =>
  (statuses ?? []).reduce((most, { restartCount }) => Math.max(most, restartCount), 0)

function mostSidecarRestarts({ spec, status }: Pod): number {
  const sidecars = new Set((spec.initContainers ?? []).filter(isRestartableInit).map(({ name }) => name))
  return mostRestarts(status?.initContainerStatuses?.filter(({ name }) => sidecars.has(name)))
}
