import type { Job } from '#api/batch/v1/types'
import type { Pod } from '#api/core/v1/types'
import { isActive, isPodReady, isTerminating } from '#component-helpers/pod-status'
import { judgeFailure } from './failure-policy'
import { formatIndexes, indexOf, parseIndexes } from './indexes'

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
export const failureCount = 'batch.kubernetes.io/job-index-failure-count'
export const ignoredFailureCount = 'batch.kubernetes.io/job-index-ignored-failure-count'

/** A job's pods, counted: those that the status has counted already, those it has noted, and those that are new. */
export interface Census {
  readonly job: Job
  readonly pods: readonly Pod[]
  readonly active: readonly Pod[]
  readonly ready: number
  readonly terminating: number
  /** Ended since the status was written. */
  readonly newlySucceeded: readonly Pod[]
  readonly newlyFailed: readonly Pod[]
  readonly succeeded: number
  /** Without those that the policy ignores. */
  readonly failed: number
  /** Of Indexed jobs. */
  readonly succeededIndexes: ReadonlySet<number>
  /** Of jobs that limit failures for each index. */
  readonly failedIndexes: ReadonlySet<number>
  /** The last failed pod of each index that has neither succeeded nor failed nor a pod that runs: it tells how often the index failed. */
  readonly toReplace: ReadonlyMap<number, Pod>
}

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed'
export const limitsEachIndex = ({ spec }: Job): boolean => spec.completionMode === 'Indexed' && spec.backoffLimitPerIndex !== undefined
/** Pods on their way out are replaced once they have failed, not before. */
export const replacesOnlyFailed = ({ spec }: Job): boolean => spec.podReplacementPolicy === 'Failed' || (spec.podReplacementPolicy === undefined && spec.podFailurePolicy !== undefined)
export const isTracked = ({ metadata }: Pod): boolean => !!metadata.finalizers?.includes(trackingFinalizer)

export function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true
  if (replacesOnlyFailed(job)) return false
  // A pod that is deleted by force may never report that it ended.
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded'
}

export function takeCensus(job: Job, pods: readonly Pod[]): Census {
  const { spec, status } = job
  const completions = spec.completions ?? 0
  const noted = { succeeded: new Set(status?.uncountedTerminatedPods?.succeeded), failed: new Set(status?.uncountedTerminatedPods?.failed) }
  const indexed = isIndexed(job)
  const counts = (pod: Pod): boolean => !indexed || (indexOf(pod) !== undefined && indexOf(pod)! < completions)
  const tracked = pods.filter((pod) => isTracked(pod) && counts(pod))
  const newlySucceeded = tracked.filter((pod) => pod.status?.phase === 'Succeeded' && !noted.succeeded.has(pod.metadata.uid) && !noted.failed.has(pod.metadata.uid))
  const newlyFailed = tracked.filter((pod) => hasFailed(job, pod) && !noted.failed.has(pod.metadata.uid) && !noted.succeeded.has(pod.metadata.uid))
  const active = pods.filter(isActive)

  const succeededIndexes = indexed ? parseIndexes(status?.completedIndexes, completions) : new Set<number>()
  if (indexed) for (const pod of newlySucceeded) succeededIndexes.add(indexOf(pod)!)
  const failedIndexes = limitsEachIndex(job) ? parseIndexes(status?.failedIndexes, completions) : new Set<number>()
  if (limitsEachIndex(job))
    for (const pod of tracked) if (hasFailed(job, pod) && !succeededIndexes.has(indexOf(pod)!) && failsIndex(job, pod)) failedIndexes.add(indexOf(pod)!)

  const toReplace = new Map<number, Pod>()
  if (limitsEachIndex(job)) {
    const running = new Set(active.map(indexOf))
    for (const pod of tracked) {
      const index = indexOf(pod)!
      if (!hasFailed(job, pod) || running.has(index) || succeededIndexes.has(index) || failedIndexes.has(index)) continue
      const before = toReplace.get(index)
      if (!before || failuresOf(pod) > failuresOf(before)) toReplace.set(index, pod)
    }
  }
  return {
    job, pods, active, ready: active.filter(isPodReady).length, terminating: pods.filter(isTerminating).length, newlySucceeded, newlyFailed,
    succeeded: indexed ? succeededIndexes.size : (status?.succeeded ?? 0) + newlySucceeded.length + noted.succeeded.size,
    failed: (status?.failed ?? 0) + newlyFailed.filter((pod) => judgeFailure(spec.podFailurePolicy, pod).action !== 'Ignore').length + noted.failed.size,
    succeededIndexes, failedIndexes, toReplace,
  }
}

/** How the status writes the indexes. */
export const indexFields = ({ job, succeededIndexes, failedIndexes }: Census): { completedIndexes?: string; failedIndexes?: string } => ({
  ...(isIndexed(job) && succeededIndexes.size > 0 ? { completedIndexes: formatIndexes(succeededIndexes) } : {}),
  ...(limitsEachIndex(job) ? { failedIndexes: formatIndexes(failedIndexes) } : {}),
})

export const failuresOf = ({ metadata }: Pod): number => Number(metadata.annotations?.[failureCount] ?? 0) + Number(metadata.annotations?.[ignoredFailureCount] ?? 0)

function failsIndex({ spec }: Job, pod: Pod): boolean {
  const { action } = judgeFailure(spec.podFailurePolicy, pod)
  if (action === 'FailIndex') return true
  // Its own failure comes on top of those it was told of.
  return action !== 'Ignore' && Number(pod.metadata.annotations?.[failureCount] ?? 0) >= spec.backoffLimitPerIndex!
}
