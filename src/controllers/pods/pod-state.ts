import type { Pod, PodCondition } from '#api/core/v1/types'

export const readyCondition = (pod: Pod): PodCondition | undefined => pod.status?.conditions?.find(({ type }) => type === 'Ready')
export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True'

/** Still wanted: neither over nor on its way out. */
export const isActive = (pod: Pod): boolean => !isOver(pod) && pod.metadata.deletionTimestamp === undefined
/** All its containers have ended and none will start again. */
export const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'
/** On its way out, its containers not yet over. */
export const isTerminating = (pod: Pod): boolean => !isOver(pod) && pod.metadata.deletionTimestamp !== undefined

/** Ready for at least so long. `now` in milliseconds since 1970. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return availableIn(pod, minReadySeconds, now) === 0
}

/** Milliseconds until a pod is available if it stays ready; undefined while it is not ready. */
export function availableIn(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = readyCondition(pod)
  if (ready?.status !== 'True') return undefined
  if (minReadySeconds === 0) return 0
  return ready.lastTransitionTime ? Math.max(0, Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - now) : undefined
}

/** Milliseconds until the first of the pods that are ready but not yet available is. */
export function nextAvailableIn(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  let soonest: number | undefined
  for (const pod of pods) {
    const wait = availableIn(pod, minReadySeconds, now)
    if (wait !== undefined && wait > 0 && (soonest === undefined || wait < soonest)) soonest = wait
  }
  return soonest
}
