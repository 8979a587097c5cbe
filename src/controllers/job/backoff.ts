import type { Pod } from '#api/core/v1/types'
import { waitAfter } from '#base/backoff'
import type { Census } from './census'
import { failuresOf } from './census'

/** How often a job's pods have failed in a row, and when the last did (milliseconds since 1970). */
export interface FailureRecord { failures: number; last: number | undefined }

const patience = { initial: 10_000, max: 600_000 }

/** When a pod ended, as far as can be told. */
export function endOf({ metadata, status }: Pod, now: number): number {
  let end = 0
  for (const { state } of status?.containerStatuses ?? []) if (state?.terminated?.finishedAt) end = Math.max(end, Date.parse(state.terminated.finishedAt))
  if (end > 0) return end
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.lastTransitionTime) return Date.parse(ready.lastTransitionTime)
  return metadata.deletionTimestamp ? Date.parse(metadata.deletionTimestamp) : now
}

/** The record after what has ended since: a success starts the count anew. */
export function recordAfter(record: FailureRecord | undefined, { newlySucceeded, newlyFailed }: Census, now: number): FailureRecord {
  let { failures, last } = record ?? { failures: 0, last: undefined }
  const success = Math.max(0, ...newlySucceeded.map((pod) => endOf(pod, now)))
  if (success > 0) failures = 0
  for (const pod of newlyFailed) {
    const end = endOf(pod, now)
    if (end > success) failures++
    last = Math.max(last ?? 0, end)
  }
  return { failures, last }
}

/** Milliseconds until another pod may be started. */
export const remaining = ({ failures, last }: FailureRecord, now: number): number =>
  failures === 0 || last === undefined ? 0 : Math.max(0, last + waitAfter(failures - 1, patience) - now)

/** The same for one index, of its last failed pod. */
export const remainingForIndex = (pod: Pod, now: number): number => Math.max(0, endOf(pod, now) + waitAfter(failuresOf(pod), patience) - now)
