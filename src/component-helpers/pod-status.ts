import type { Pod, PodCondition } from '#api/core/v1/types'
import { findCondition } from './conditions'

export const podCondition = (pod: Pod, type: string): PodCondition | undefined => findCondition(pod.status?.conditions, type)

export const isPodReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True'

/** Succeeded or Failed: its containers have stopped and never start again. */
export const isTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

/** On its way out and not yet there. */
export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined && !isTerminal(pod)

/** Counts as a replica: neither done nor asked to go. */
export const isActive = (pod: Pod): boolean => pod.metadata.deletionTimestamp === undefined && !isTerminal(pod)

/** Milliseconds until a pod has been ready for so long, if it stays ready; `undefined` while it is not. `now` since 1970. */
export function availableIn(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  if (minReadySeconds === 0) return 0
  return ready.lastTransitionTime ? Math.max(0, Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - now) : undefined
}

export const isPodAvailable = (pod: Pod, minReadySeconds: number, now: number): boolean => availableIn(pod, minReadySeconds, now) === 0

/** Milliseconds until the first of the pods that are ready but not yet available is. */
export function nextAvailableIn(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  let soonest: number | undefined
  for (const pod of pods) {
    const wait = availableIn(pod, minReadySeconds, now)
    if (wait !== undefined && wait > 0 && (soonest === undefined || wait < soonest)) soonest = wait
  }
  return soonest
}
