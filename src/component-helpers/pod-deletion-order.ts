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
  return [...pods].sort((a, b) => compareForDeletion(a, b, now, crowded))
}

/** How many of these pods are active on the node of one. */
export function countedByNode(pods: readonly Pod[]): (pod: Pod) => number {
  const counts = new Map<string, number>()
  for (const { spec } of pods) if (spec.nodeName) counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1)
  return ({ spec }) => counts.get(spec.nodeName ?? '') ?? 0
}

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const rankOf = (pod: Pod): number => phaseRank[pod.status?.phase ?? ''] ?? 0

function compareForDeletion(a: Pod, b: Pod, now: number, crowded: (pod: Pod) => number): number {
  const [ready, otherReady] = [isPodReady(a), isPodReady(b)]
  return (
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    rankOf(a) - rankOf(b) ||
    Number(ready) - Number(otherReady) ||
    deletionCost(a) - deletionCost(b) ||
    crowded(b) - crowded(a) ||
    (ready && otherReady ? compareAge(a, b, podCondition(a, 'Ready')?.lastTransitionTime, podCondition(b, 'Ready')?.lastTransitionTime, now) : 0) ||
    compareRestarts(a, b) ||
    compareAge(a, b, a.metadata.creationTimestamp, b.metadata.creationTimestamp, now)
  )
}

/** The younger first; of the same order of magnitude, by UID. */
function compareAge(a: Pod, b: Pod, time: string | undefined, other: string | undefined, now: number): number {
  if (time === other) return 0
  if (!time) return -1
  if (!other) return 1
  const difference = magnitude(now - Date.parse(time)) - magnitude(now - Date.parse(other))
  if (difference !== 0) return difference
  return a.metadata.uid < b.metadata.uid ? -1 : 1
}

/** The whole part of the logarithm of an age in nanoseconds. */
const magnitude = (milliseconds: number): number => (milliseconds > 0 ? Math.floor(Math.log2(milliseconds * 1e6)) : -1)

/** More restarts first: of regular containers, then of sidecars. */
function compareRestarts(a: Pod, b: Pod): number {
  return mostRestarts(b.status?.containerStatuses) - mostRestarts(a.status?.containerStatuses) || mostSidecarRestarts(b) - mostSidecarRestarts(a)
}

const mostRestarts = (statuses: readonly ContainerStatus[] | undefined): number =>
  (statuses ?? []).reduce((most, { restartCount }) => Math.max(most, restartCount), 0)

function mostSidecarRestarts({ spec, status }: Pod): number {
  const sidecars = new Set((spec.initContainers ?? []).filter(isRestartableInit).map(({ name }) => name))
  return mostRestarts(status?.initContainerStatuses?.filter(({ name }) => sidecars.has(name)))
}
