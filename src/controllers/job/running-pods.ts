import { jobs } from '#api/batch/v1/job'
import type { Job } from '#api/batch/v1/types'
import type { Pod } from '#api/core/v1/types'
import type { ReconcileContext } from '#controller-runtime/controller'
import { slowStart } from '#controller-runtime/slow-start'
import { inDeletionOrder } from '#component-helpers/pod-deletion-order'
import { podControlOf } from '../pods/pod-control'
import type { FailureRecord } from './backoff'
import { remaining, remainingForIndex } from './backoff'
import type { Census } from './census'
import { failureCount, ignoredFailureCount, isIndexed, isTracked, limitsEachIndex, replacesOnlyFailed, trackingFinalizer } from './census'
import { judgeFailure } from './failure-policy'
import { completionIndex, indexOf } from './indexes'

const burst = 500

export interface Steered {
  /** How many pods were made, or taken away. */
  created: number
  deleted: Pod[]
  /** Milliseconds until failures allow another pod. */
  waitMs?: number
  error?: unknown
}

/** Starts and stops pods until as many run as the job may have now. */
export async function steerPods(census: Census, record: FailureRecord, context: ReconcileContext<unknown>): Promise<Steered> {
  const { job, active, succeeded } = census
  const { spec } = job
  const now = context.clock.now()
  if (spec.suspend) return stopPods(census, active, context)

  const wanted = spec.completions === undefined ? (succeeded > 0 ? active.length : spec.parallelism) : Math.max(0, Math.min(spec.completions - succeeded, spec.parallelism))
  const surplus = surplusPods(census, active.length - wanted, now)
  const stopped = surplus.length > 0 ? await stopPods(census, surplus, context) : { created: 0, deleted: [] }
  if (stopped.error) return stopped

  let missing = wanted - (active.length - stopped.deleted.length) - (replacesOnlyFailed(job) ? census.terminating + stopped.deleted.length : 0)
  if (missing <= 0) return stopped
  const waitMs = limitsEachIndex(job) ? 0 : remaining(record, now)
  if (waitMs > 0) return { ...stopped, waitMs }

  missing = Math.min(missing, burst)
  const pending = isIndexed(job) ? pendingIndexes(census, missing, now) : { indexes: undefined, waitMs: undefined }
  const count = pending.indexes?.length ?? missing
  const control = podControlOf(jobs, job, context)
  let created = 0
  const { error } = await slowStart(count, async (i) => {
    const made = await control.create(spec.template, (pod) => dressPod(pod as unknown as Pod, job, pending.indexes?.[i], census))
    if (made) created++
  })
  return { created, deleted: stopped.deleted, error, waitMs: pending.waitMs }
}

/** Deletes pods, all that can be. */
export async function stopPods({ job }: Census, pods: readonly Pod[], context: ReconcileContext<unknown>): Promise<Steered> {
  const control = podControlOf(jobs, job, context)
  const results = await Promise.allSettled(pods.map((pod) => control.delete(pod)))
  const deleted = pods.filter((_, i) => results[i]!.status === 'fulfilled')
  const failed = results.find((result) => result.status === 'rejected')
  return { created: 0, deleted, ...(failed ? { error: failed.reason as unknown } : {}) }
}

/** First second pods of an index and those beyond the last index, then as many as are too many. */
function surplusPods({ job, active }: Census, tooMany: number, now: number): readonly Pod[] {
  const odd: Pod[] = []
  let rest = active
  if (isIndexed(job)) {
    const taken = new Set<number>()
    const kept: Pod[] = []
    for (const pod of inDeletionOrder(active, now, () => 0).toReversed()) {
      const index = indexOf(pod)
      if (index === undefined || index >= (job.spec.completions ?? 0) || taken.has(index)) odd.push(pod)
      else {
        taken.add(index)
        kept.push(pod)
      }
    }
    rest = kept
  }
  const more = tooMany - odd.length
  return more > 0 ? [...odd, ...inDeletionOrder(rest, now, () => 0).slice(0, more)] : odd
}

/** The lowest indexes without a pod and without a result; those that failed lately wait. */
function pendingIndexes({ job, active, pods, succeededIndexes, failedIndexes, toReplace }: Census, count: number, now: number): { indexes: number[]; waitMs?: number } {
  const busy = new Set(active.map(indexOf))
  if (replacesOnlyFailed(job)) for (const pod of pods) if (pod.metadata.deletionTimestamp && isTracked(pod) && pod.status?.phase !== 'Failed') busy.add(indexOf(pod))
  const indexes: number[] = []
  let waitMs: number | undefined
  for (let index = 0; index < (job.spec.completions ?? 0) && indexes.length < count; index++) {
    if (busy.has(index) || succeededIndexes.has(index) || failedIndexes.has(index)) continue
    const last = toReplace.get(index)
    const wait = last ? remainingForIndex(last, now) : 0
    if (wait > 0) waitMs = Math.min(waitMs ?? wait, wait)
    else indexes.push(index)
  }
  return { indexes, waitMs }
}

/** What makes a template's pod one of this job, and of this index. */
function dressPod(pod: Pod, job: Job, index: number | undefined, { toReplace }: Census): void {
  pod.metadata.finalizers = [...new Set([...(pod.metadata.finalizers ?? []), trackingFinalizer])]
  if (index === undefined) return
  pod.metadata.generateName = `${job.metadata.name}-${index}-`
  pod.metadata.annotations = { ...pod.metadata.annotations, [completionIndex]: String(index) }
  pod.metadata.labels = { ...pod.metadata.labels, [completionIndex]: String(index) }
  pod.spec.hostname = `${job.metadata.name}-${index}`
  const env = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${completionIndex}']` } } }
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers])
    if (!container.env?.some(({ name }) => name === env.name)) container.env = [...(container.env ?? []), env]
  if (!limitsEachIndex(job)) return
  const last = toReplace.get(index)
  const counted = Number(last?.metadata.annotations?.[failureCount] ?? 0)
  const ignored = Number(last?.metadata.annotations?.[ignoredFailureCount] ?? 0)
  const ignores = last !== undefined && judgeFailure(job.spec.podFailurePolicy, last).action === 'Ignore'
  pod.metadata.annotations[failureCount] = String(counted + (last && !ignores ? 1 : 0))
  if (ignored > 0 || ignores) pod.metadata.annotations[ignoredFailureCount] = String(ignored + (ignores ? 1 : 0))
}
