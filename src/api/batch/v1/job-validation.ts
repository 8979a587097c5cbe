import type { FieldErrors } from '#apimachinery/field-errors'
import { omitted } from '#apimachinery/field-errors'
import { isDns1123Label, isDomainPrefixedPath } from '#apimachinery/names'
import { validatePodTemplateSpec } from '#api/core/v1/pod-template-spec'
import { labelSelector, nonNegative, qualifiedName } from '../../field-checks'
import { isReadable, selectorMatches, shownLabels, shownSelector } from '../../label-matching'
import { labelsOfJob } from './job-labels'
import { countIndexes } from './job-indexes'
import { internalSuccessPolicy } from './job-policies'
import type { Job, JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule, SuccessPolicyRule } from './types'

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const quoted = (list: readonly string[]): string => `valid values: [${list.map((item) => JSON.stringify(item)).join(' ')}]`

/** `old`: jobs that were made before the prefixed labels were may go on without them. */
export function validateJob(job: Job, old: Job | undefined, errors: FieldErrors): void {
  const { spec, metadata } = job
  if (!spec.manualSelector && spec.selector) validateGeneratedSelector(job, old, errors.at('spec'))
  validateJobSpecAndSelector(spec, errors.at('spec'))
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
    const longest = `${metadata.name ?? ''}-${spec.completions! - 1}`
    if (isDns1123Label(longest).length > 0) errors.at('metadata', 'name').invalid(metadata.name ?? '', `will not able to create pod with invalid DNS label: ${longest}`)
  }
}

/** The selector and labels that the server writes itself, if a client has not written other ones. */
function validateGeneratedSelector({ spec, metadata }: Job, old: Job | undefined, errors: FieldErrors): void {
  if (!metadata.uid) errors.at('metadata', 'uid').required()
  const before = old?.spec.template.metadata?.labels
  const prefixed = !old || labelsOfJob.prefixed.every(({ label }) => before?.[label] !== undefined)
  const expected: Record<string, string> = {}
  const labels = spec.template.metadata?.labels
  for (const { label, value } of [...labelsOfJob.legacy, ...(prefixed ? labelsOfJob.prefixed : [])]) {
    const wanted = (expected[label] = value(metadata))
    const found = labels?.[label]
    if (found === wanted) continue
    const at = errors.at('template', 'metadata', 'labels').key(label)
    if (found === undefined) at.required(`must be '${wanted}'`)
    else at.invalid(shownLabels(labels), `must be '${wanted}'`)
  }
  if (isReadable(spec.selector) && !selectorMatches(spec.selector!, expected)) errors.at('selector').invalid(shownSelector(spec.selector), '`selector` not auto-generated')
}

export function validateJobSpecAndSelector(spec: JobSpec, errors: FieldErrors): void {
  validateJobSpec(spec, errors)
  if (spec.selector) labelSelector(errors, 'selector', spec.selector)
  else errors.at('selector').required()
  const labels = spec.template.metadata?.labels
  if (isReadable(spec.selector) && !(spec.selector && selectorMatches(spec.selector, labels))) {
    errors.at('template', 'metadata', 'labels').invalid(shownLabels(labels), '`selector` does not match template `labels`')
  }
}

/** In jobs and in templates of jobs. */
export function validateJobSpec(spec: JobSpec, errors: FieldErrors): void {
  for (const field of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    nonNegative(errors, field, spec[field])
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.at('backoffLimitPerIndex').required('when maxFailedIndexes is specified')
  }
  if (spec.managedBy !== undefined) {
    if (spec.managedBy === '') errors.at('managedBy').required()
    else for (const { value, message } of isDomainPrefixedPath(spec.managedBy)) errors.at('managedBy').invalid(value, message)
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
  if (spec.completionMode !== 'Indexed') return errors.invalid(internalSuccessPolicy(spec.successPolicy), 'requires indexed completion mode')
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
