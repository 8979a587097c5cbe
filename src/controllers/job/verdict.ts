import type { Job, JobCondition } from '#api/batch/v1/types'
import { findCondition } from '#component-helpers/conditions'
import type { Census } from './census'
import { hasFailed, isIndexed, limitsEachIndex } from './census'
import { judgeFailure } from './failure-policy'
import { parseIndexes } from './indexes'

/** How a job ends: the condition that says so before its last pods are gone, and the one afterwards. */
export interface Verdict { succeeds: boolean; reason: string; message: string }

const holds = (conditions: readonly JobCondition[] | undefined, type: string): JobCondition | undefined => {
  const found = findCondition(conditions, type)
  return found?.status === 'True' ? found : undefined
}

export const isFinished = ({ status }: Job): boolean => !!holds(status?.conditions, 'Complete') || !!holds(status?.conditions, 'Failed')

/** Whether a job has to end now, whatever its pods do; undefined: it goes on. `now` in milliseconds. */
export function verdictOn(census: Census, now: number): Verdict | undefined {
  const { job, pods, failed, succeededIndexes, failedIndexes } = census
  const { spec, status } = job
  const fails = (reason: string, message: string): Verdict => ({ succeeds: false, reason, message })

  // What was said once stands.
  const met = holds(status?.conditions, 'SuccessCriteriaMet')
  if (met) return { succeeds: true, reason: met.reason!, message: met.message! }
  const target = holds(status?.conditions, 'FailureTarget')
  if (target) return fails(target.reason!, target.message!)

  if (spec.podFailurePolicy)
    for (const pod of pods) {
      if (!hasFailed(job, pod)) continue
      const { message } = judgeFailure(spec.podFailurePolicy, pod)
      if (message) return fails('PodFailurePolicy', message)
    }
  if (failed > spec.backoffLimit || restartsExceed(spec.backoffLimit, census)) return fails('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  const deadline = deadlineOf(job)
  if (deadline !== undefined && now >= deadline) return fails('DeadlineExceeded', 'Job was active longer than specified deadline')

  if (!isIndexed(job)) return undefined
  if (limitsEachIndex(job)) {
    if (spec.maxFailedIndexes !== undefined && failedIndexes.size > spec.maxFailedIndexes)
      return fails('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
    if (failedIndexes.size > 0 && failedIndexes.size + succeededIndexes.size >= (spec.completions ?? 0)) return fails('FailedIndexes', 'Job has failed indexes')
  }
  const rule = (spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes: wanted, succeededCount }) => {
    if (succeededIndexes.size === 0) return false
    if (wanted === undefined) return succeededCount !== undefined && succeededIndexes.size >= succeededCount
    const required = parseIndexes(wanted, spec.completions ?? 0)
    const there = [...required].filter((index) => succeededIndexes.has(index)).length
    return required.size > 0 && (there === required.size || (succeededCount !== undefined && there >= succeededCount))
  })
  return rule < 0 ? undefined : { succeeds: true, reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` }
}

/** When a job has been active for too long, in milliseconds since 1970. */
export function deadlineOf({ spec, status }: Job): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend || !status?.startTime) return undefined
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000
}

/** Pods that start their containers anew themselves fail by their restarts. */
function restartsExceed(limit: number, { job, pods }: Census): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) restarts += restartCount
  }
  return limit === 0 ? restarts > 0 : restarts >= limit
}
