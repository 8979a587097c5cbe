import type { FieldErrors } from '#apimachinery/field-errors'
import { omitted } from '#apimachinery/field-errors'
import { isDomainPrefixedPath } from '#apimachinery/names'
import { validatePodTemplateSpec } from '#api/core/v1/pod-template-spec'
import { nonNegative, qualifiedName } from '../../field-checks'
import { semanticallyEqual } from '../../semantic-equality'
import { immutable } from '../../strategies'
import { countIndexes } from './job-indexes'
import type { Job, JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule, SuccessPolicyRule } from './types'

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const quoted = (list: readonly string[]): string => `valid values: [${list.map((item) => JSON.stringify(item)).join(' ')}]`

/** In jobs and in templates of jobs. */
export function validateJobSpec(spec: JobSpec, errors: FieldErrors): void {
  for (const field of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    nonNegative(errors, field, spec[field])
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.at('backoffLimitPerIndex').required('when maxFailedIndexes is specified')
  }
  if (spec.managedBy !== undefined) {
    for (const { value, message } of isDomainPrefixedPath(spec.managedBy)) errors.at('managedBy').invalid(value, message)
    if (spec.managedBy.length > 63) errors.at('managedBy').tooLong(63)
  }
  validateCompletionMode(spec, errors)
  if (spec.podFailurePolicy) validateFailurePolicy(spec, errors.at('podFailurePolicy', 'rules'))
  if (spec.successPolicy) validateSuccessPolicy(spec, errors.at('successPolicy'))
  const replacement = spec.podReplacementPolicy
  const replacements = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  if (replacement !== undefined && !replacements.includes(replacement)) errors.at('podReplacementPolicy').notSupported(replacement, replacements)
  validatePodTemplateSpec(spec.template, errors.at('template'))
  const restart = errors.at('template', 'spec', 'restartPolicy')
  const policy = spec.template.spec.restartPolicy
  if (!policy || policy === 'Always') restart.required('valid values: "OnFailure", "Never"')
  else if (policy !== 'OnFailure' && policy !== 'Never') restart.notSupported(policy, ['OnFailure', 'Never'])
  else if (spec.podFailurePolicy && policy !== 'Never') restart.invalid(policy, 'only "Never" is supported when podFailurePolicy is specified')
}

const highCompletions = 100_000

function validateCompletionMode(spec: JobSpec, errors: FieldErrors): void {
  const { completionMode: mode, completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') errors.at('completionMode').notSupported(mode, ['NonIndexed', 'Indexed'])
  if (mode === undefined || mode === 'NonIndexed') {
    if (backoffLimitPerIndex !== undefined) errors.at('backoffLimitPerIndex').invalid(backoffLimitPerIndex, 'requires indexed completion mode')
    if (maxFailedIndexes !== undefined) errors.at('maxFailedIndexes').invalid(maxFailedIndexes, 'requires indexed completion mode')
  }
  if (mode !== 'Indexed') return
  if (completions === undefined) errors.at('completions').required('when completion mode is Indexed')
  if (parallelism > highCompletions) errors.at('parallelism').invalid(parallelism, 'must be less than or equal to 100000 when completion mode is Indexed')
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions) errors.at('maxFailedIndexes').invalid(maxFailedIndexes, 'must be less than or equal to completions')
    if (maxFailedIndexes > highCompletions) errors.at('maxFailedIndexes').invalid(maxFailedIndexes, 'must be less than or equal to 100000')
  }
  if (completions === undefined || completions <= highCompletions || backoffLimitPerIndex === undefined) return
  const limit = 'must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index'
  if (maxFailedIndexes === undefined) errors.at('maxFailedIndexes').required('must be specified when completions is above 100000')
  if (parallelism > 10_000) errors.at('parallelism').invalid(parallelism, limit)
  if (maxFailedIndexes !== undefined && maxFailedIndexes > 10_000) errors.at('maxFailedIndexes').invalid(maxFailedIndexes, limit)
}

function validateFailurePolicy(spec: JobSpec, errors: FieldErrors): void {
  const rules = spec.podFailurePolicy!.rules ?? []
  if (rules.length > 20) errors.tooMany(rules.length, 20)
  const names = new Set([...(spec.template.spec.containers ?? []), ...(spec.template.spec.initContainers ?? [])].map((container) => container.name))
  for (const [i, rule] of rules.entries()) validateFailureRule(rule, spec, names, errors.at(i))
}

function validateFailureRule({ action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, spec: JobSpec, names: ReadonlySet<string>, errors: FieldErrors): void {
  if (!action) errors.at('action').required(quoted(actions))
  else if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined) errors.at('action').invalid(action, 'requires the backoffLimitPerIndex to be set')
  } else if (!actions.includes(action)) errors.at('action').notSupported(action, actions)
  if (onExitCodes) validateExitCodes(onExitCodes, names, errors.at('onExitCodes'))
  if (onPodConditions.length > 20) errors.at('onPodConditions').tooMany(onPodConditions.length, 20)
  for (const [i, { type, status }] of onPodConditions.entries()) {
    const at = errors.at('onPodConditions', i)
    qualifiedName(at, 'type', type)
    const known = ['False', 'True', 'Unknown']
    if (!status) at.at('status').required(quoted(known))
    else if (!known.includes(status)) at.at('status').notSupported(status, known)
  }
  if (onExitCodes && onPodConditions.length > 0) errors.invalid(omitted, 'specifying both OnExitCodes and OnPodConditions is not supported')
  if (!onExitCodes && onPodConditions.length === 0) errors.invalid(omitted, 'specifying one of OnExitCodes and OnPodConditions is required')
}

function validateExitCodes({ operator, containerName, values: given }: PodFailurePolicyOnExitCodesRequirement, names: ReadonlySet<string>, errors: FieldErrors): void {
  const operators = ['In', 'NotIn']
  if (!operator) errors.at('operator').required(quoted(operators))
  else if (!operators.includes(operator)) errors.at('operator').notSupported(operator, operators)
  if (containerName !== undefined && !names.has(containerName)) {
    errors.at('containerName').invalid(containerName, 'must be one of the container or initContainer names in the pod template')
  }
  const values = given ?? []
  if (values.length === 0) errors.at('values').invalid(given ?? null, 'at least one value is required')
  else if (values.length > 255) errors.at('values').tooMany(values.length, 255)
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) errors.at('values', i).invalid(value, 'must not be 0 for the In operator')
    if (values.indexOf(value) < i) errors.at('values', i).duplicate(value)
  }
  if (values.some((value, i) => i > 0 && values[i - 1]! > value)) errors.at('values').invalid(values, 'must be ordered')
}

function validateSuccessPolicy(spec: JobSpec, errors: FieldErrors): void {
  if (spec.completionMode !== 'Indexed') return errors.invalid(spec.successPolicy, 'requires indexed completion mode')
  const rules = spec.successPolicy!.rules ?? []
  if (rules.length === 0) errors.at('rules').required('at least one rules must be specified when the successPolicy is specified')
  if (rules.length > 20) errors.at('rules').tooMany(rules.length, 20)
  for (const [i, rule] of rules.entries()) validateSuccessRule(rule, spec.completions ?? 0, errors.at('rules', i))
}

function validateSuccessRule({ succeededIndexes, succeededCount }: SuccessPolicyRule, completions: number, errors: FieldErrors): void {
  if (succeededIndexes === undefined && succeededCount === undefined) errors.required('at least one of succeededCount or succeededIndexes must be specified')
  let total = 0
  if (succeededIndexes !== undefined) {
    const at = errors.at('succeededIndexes')
    if (succeededIndexes.length > 65536) at.tooLong(65536)
    const counted = countIndexes(succeededIndexes, completions)
    if (typeof counted === 'string') at.invalid(succeededIndexes, `error parsing succeededIndexes: ${counted}`)
    else total = counted
  }
  if (succeededCount === undefined) return
  const at = errors.at('succeededCount')
  nonNegative(errors, 'succeededCount', succeededCount)
  if (succeededCount > completions) at.invalid(succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`)
  if (succeededIndexes !== undefined && succeededCount > total) {
    at.invalid(succeededCount, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`)
  }
}

export function validateJobUpdate(job: Job, old: Job, errors: FieldErrors): void {
  const at = errors.at('spec')
  const { spec } = job
  if (spec.completionMode !== 'Indexed') immutable(at, 'completions', spec.completions, old.spec.completions)
  else if (spec.completions !== old.spec.completions && spec.completions !== undefined && spec.completions !== spec.parallelism) {
    at.at('completions').invalid(spec.completions, 'can only be modified in tandem with spec.parallelism')
  }
  immutable(at, 'selector', spec.selector, old.spec.selector)
  validateTemplateUpdate(job, old, at.at('template'))
  immutable(at, 'completionMode', spec.completionMode, old.spec.completionMode)
  immutable(at, 'podFailurePolicy', spec.podFailurePolicy, old.spec.podFailurePolicy)
  immutable(at, 'backoffLimitPerIndex', spec.backoffLimitPerIndex, old.spec.backoffLimitPerIndex)
  immutable(at, 'managedBy', spec.managedBy, old.spec.managedBy)
  immutable(at, 'successPolicy', spec.successPolicy, old.spec.successPolicy)
}

/** Queueing systems decide where a job goes while it is suspended and has never run; at any other time the template is fixed. */
function validateTemplateUpdate({ spec, status }: Job, old: Job, errors: FieldErrors): void {
  const now = spec.template
  const before = old.spec.template
  if (semanticallyEqual(now, before)) return
  const steerable = old.spec.suspend && spec.suspend && (status.startTime ?? old.status.startTime) === undefined
  if (!steerable) {
    if (!semanticallyEqual(now.spec, before.spec)) errors.at('spec').invalid(now.spec, 'field is immutable')
    if (!semanticallyEqual(now.metadata, before.metadata)) errors.at('metadata').invalid(now.metadata, 'field is immutable')
    return
  }
  const fixed = ({ affinity: _a, nodeSelector: _n, tolerations: _t, schedulingGates: _g, ...rest }: typeof now.spec): object => rest
  if (!semanticallyEqual(fixed(now.spec), fixed(before.spec))) errors.at('spec').invalid(now.spec, 'field is immutable')
}

export function validateJobStatus({ spec, status }: Job, old: Job, errors: FieldErrors): void {
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const) nonNegative(errors, field, status[field])
  const is = (type: string): boolean => status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  const conditions = errors.at('conditions')
  const complete = is('Complete')
  const failed = is('Failed')
  if (complete && failed) conditions.invalid(omitted, 'cannot set Complete=True and Failed=true conditions')
  if (complete && is('FailureTarget')) conditions.invalid(omitted, 'cannot set Complete=True and FailureTarget=true conditions')
  if (status.completionTime && !complete) errors.at('completionTime').invalid(status.completionTime, 'cannot set completionTime when there is no Complete=True condition')
  if (!status.completionTime && complete) errors.at('completionTime').required('completionTime is required for Complete jobs')
  if (status.startTime && status.completionTime && status.completionTime < status.startTime) {
    errors.at('completionTime').invalid(status.completionTime, 'must be equal to or after `startTime`')
  }
  if (failed && !is('FailureTarget')) conditions.invalid(omitted, 'cannot set Failed=True condition without the FailureTarget=true condition')
  if (complete && !is('SuccessCriteriaMet')) conditions.invalid(omitted, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition')
  if (is('SuccessCriteriaMet') && failed) conditions.invalid(omitted, 'cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (is('SuccessCriteriaMet') && is('FailureTarget')) conditions.invalid(omitted, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  if (complete || failed) {
    if ((status.active ?? 0) > 0) errors.at('active').invalid(status.active, 'active>0 is invalid for finished job')
    if ((status.terminating ?? 0) > 0) errors.at('terminating').invalid(status.terminating, 'terminating>0 is invalid for finished job')
    if (!status.startTime) errors.at('startTime').required('startTime is required for finished job')
    const uncounted = status.uncountedTerminatedPods
    if (uncounted && (uncounted.succeeded?.length ?? 0) + (uncounted.failed?.length ?? 0) > 0) {
      errors.at('uncountedTerminatedPods').invalid(uncounted, 'must be empty for finished job')
    }
  }
  if ((status.ready ?? 0) > (status.active ?? 0)) errors.at('ready').invalid(status.ready, 'cannot set more ready pods than active')
  if (status.completedIndexes && spec.completionMode !== 'Indexed') {
    errors.at('completedIndexes').invalid(status.completedIndexes, 'cannot set non-empty completedIndexes when non-indexed completion mode')
  }
  if (status.failedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.at('failedIndexes').invalid(status.failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null')
  }
  if ((status.failed ?? 0) < (old.status.failed ?? 0)) errors.at('failed').invalid(status.failed ?? 0, 'cannot decrease the failed counter')
  if ((status.succeeded ?? 0) < (old.status.succeeded ?? 0) && spec.completionMode !== 'Indexed') {
    errors.at('succeeded').invalid(status.succeeded ?? 0, 'cannot decrease the succeeded counter')
  }
}
