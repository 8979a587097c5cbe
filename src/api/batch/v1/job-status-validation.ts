import type { FieldErrors } from '#apimachinery/field-errors'
import { omitted } from '#apimachinery/field-errors'
import { nonNegative } from '../../field-checks'
import { semanticallyEqual } from '../../semantic-equality'
import { isFalse, isFinished, isTrue } from './job-conditions'
import { countIndexes, overlap } from './job-indexes'
import type { Job, JobStatus, UncountedTerminatedPods } from './types'

/**
 * Jobs may be run by controllers that are not ours (managedBy), so the server holds them to what clients of jobs rely on. Most rules
 * ask only where what they are about changes: a status that broke one before may be written all the same.
 */
export function validateJobStatus(job: Job, old: Job, errors: FieldErrors): void {
  const { status } = job
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const) nonNegative(errors, field, status[field])
  if (status.uncountedTerminatedPods) validateUncounted(status.uncountedTerminatedPods, errors.at('uncountedTerminatedPods'))
  validateConditions(job, old, errors)
  validateFinished(job, old, errors)
  validateIndexes(job, old, errors)
  if (differ(status, old.status, 'ready', 'active') && status.ready !== undefined && status.ready > (status.active ?? 0)) {
    errors.at('ready').invalid(status.ready, 'cannot set more ready pods than active')
  }
  validateTransition(job, old, errors)
}

const differ = (status: JobStatus, old: JobStatus, ...fields: (keyof JobStatus)[]): boolean =>
  fields.some((field) => !semanticallyEqual(status[field], old[field]))
const turned = (status: JobStatus, old: JobStatus, ...types: string[]): boolean => types.some((type) => isTrue(status, type) !== isTrue(old, type))

function validateUncounted({ succeeded = [], failed = [] }: UncountedTerminatedPods, errors: FieldErrors): void {
  const seen = new Set<string>()
  for (const [field, uids] of [['succeeded', succeeded], ['failed', failed]] as const) {
    for (const [i, uid] of uids.entries()) {
      if (uid === '') errors.at(field, i).invalid(uid, 'must not be empty')
      else if (seen.has(uid)) errors.at(field, i).duplicate(uid)
      seen.add(uid)
    }
  }
}

function validateConditions({ spec, status }: Job, { status: old }: Job, errors: FieldErrors): void {
  const [complete, failed, target, met] = ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'].map((type) => isTrue(status, type))
  const { startTime, completionTime } = status
  const refuse = (detail: string): void => errors.at('conditions').invalid(omitted, detail)
  if (turned(status, old, 'Complete', 'Failed') && complete && failed) refuse('cannot set Complete=True and Failed=true conditions')
  if (turned(status, old, 'Complete', 'FailureTarget') && complete && target) refuse('cannot set Complete=True and FailureTarget=true conditions')
  if (turned(status, old, 'Complete') || differ(status, old, 'completionTime')) {
    const at = errors.at('completionTime')
    if (completionTime && !complete) at.invalid(completionTime, 'cannot set completionTime when there is no Complete=True condition')
    if (!completionTime && complete) at.required('completionTime is required for Complete jobs')
  }
  if (differ(status, old, 'startTime', 'completionTime') && startTime && completionTime && completionTime < startTime) {
    errors.at('completionTime').invalid(completionTime, 'must be equal to or after `startTime`')
  }
  if ((turned(status, old, 'Failed') || differ(status, old, 'failedIndexes')) && failed && !target) refuse('cannot set Failed=True condition without the FailureTarget=true condition')
  if (turned(status, old, 'Complete', 'SuccessCriteriaMet') && complete && !met) refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')
  if (met && failed) refuse('cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (met && target) refuse('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  if (spec.successPolicy && !met && complete) refuse('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')
}

function validateFinished({ spec, status }: Job, { status: old }: Job, errors: FieldErrors): void {
  if (!isFinished(status)) return
  const just = !isFinished(old)
  if ((just || differ(status, old, 'active')) && (status.active ?? 0) > 0) errors.at('active').invalid(status.active, 'active>0 is invalid for finished job')
  const nothingToDo = spec.suspend && spec.completions === 0
  if ((just || differ(status, old, 'startTime')) && !nothingToDo && !status.startTime) errors.at('startTime').required('startTime is required for finished job')
  const uncounted = status.uncountedTerminatedPods
  if ((just || differ(status, old, 'uncountedTerminatedPods')) && uncounted && (uncounted.succeeded?.length ?? 0) + (uncounted.failed?.length ?? 0) > 0) {
    errors.at('uncountedTerminatedPods').invalid({ Succeeded: uncounted.succeeded ?? null, Failed: uncounted.failed ?? null }, 'must be empty for finished job')
  }
  if ((just || differ(status, old, 'terminating')) && (status.terminating ?? 0) > 0) errors.at('terminating').invalid(status.terminating, 'terminating>0 is invalid for finished job')
}

function validateIndexes({ spec, status }: Job, { status: old }: Job, errors: FieldErrors): void {
  const { completedIndexes = '', failedIndexes } = status
  const [completedChange, failedChange] = [completedIndexes !== (old.completedIndexes ?? ''), failedIndexes !== old.failedIndexes]
  const { completions, backoffLimitPerIndex } = spec
  const check = (field: 'completedIndexes' | 'failedIndexes', text: string): void => {
    const counted = countIndexes(text, completions!)
    if (typeof counted === 'string') errors.at(field).invalid(text, `error parsing ${field}: ${counted}`)
  }
  if (completedChange && completions !== undefined) check('completedIndexes', completedIndexes)
  if (failedChange && completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined) check('failedIndexes', failedIndexes)
  if (completedChange && completedIndexes !== '' && spec.completionMode !== 'Indexed') {
    errors.at('completedIndexes').invalid(completedIndexes, 'cannot set non-empty completedIndexes when non-indexed completion mode')
  }
  if (failedChange && failedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.at('failedIndexes').invalid(failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null')
  }
  if ((completedChange || failedChange) && completions !== undefined && failedIndexes !== undefined) {
    const both = overlap(completedIndexes, failedIndexes, completions)
    if (both !== undefined) errors.at('failedIndexes').invalid(failedIndexes, `failedIndexes and completedIndexes overlap at index: ${both}`)
  }
}

/** What came to an end stays there, and counters only count up. */
function validateTransition({ spec, status }: Job, { status: old }: Job, errors: FieldErrors): void {
  const refuse = (detail: string): void => errors.at('conditions').invalid(omitted, detail)
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (isTrue(old, type) && !isTrue(status, type)) refuse(`cannot disable the terminal ${type}=True condition`)
  }
  if ((status.failed ?? 0) < (old.failed ?? 0)) errors.at('failed').invalid(status.failed ?? 0, 'cannot decrease the failed counter')
  // An indexed job that is scaled down forgets the indexes above.
  const elastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  if (!elastic && (status.succeeded ?? 0) < (old.succeeded ?? 0)) errors.at('succeeded').invalid(status.succeeded ?? 0, 'cannot decrease the succeeded counter')
  if (status.completionTime && old.completionTime && status.completionTime !== old.completionTime) {
    errors.at('completionTime').invalid(status.completionTime, 'field is immutable')
  }
  const resuming = isTrue(old, 'Suspended') && isFalse(status, 'Suspended')
  if (!resuming && !spec.suspend && old.startTime && status.startTime !== old.startTime) {
    errors.at('startTime').invalid(status.startTime, 'field is immutable for unsuspended job once set')
  }
  const [was, is] = [isTrue(old, 'SuccessCriteriaMet'), isTrue(status, 'SuccessCriteriaMet')]
  if (was && !is) refuse('cannot disable the SuccessCriteriaMet=True condition')
  if (isTrue(old, 'Complete') && !was && is) refuse('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')
}
