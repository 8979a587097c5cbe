import type { FieldErrors } from '#apimachinery/field-errors'
import type { WriteContext } from '#apimachinery/resource'
import type { Affinity, Container, PodSpec, PodTemplateSpec } from '#api/core/v1/types'
import { shownSelector } from '../../label-matching'
import { semanticallyEqual } from '../../semantic-equality'
import { immutable } from '../../strategies'
import { isTrue } from './job-conditions'
import { internalFailurePolicy, internalSuccessPolicy } from './job-policies'
import { internalTemplate, internalTemplateSpec } from './job-template-form'
import { validateJob, validateJobSpecAndSelector } from './job-validation'
import type { Job } from './types'

export function validateJobUpdate(job: Job, old: Job, errors: FieldErrors, context: Pick<WriteContext, 'enabled'>): void {
  validateJob(job, old, errors)
  const at = errors.at('spec')
  // The original asks about the spec once as a job's and once as a change's: what is wrong is told twice.
  if (errors.any) validateJobSpecAndSelector(job.spec, at)
  const { spec } = job
  if (spec.completionMode !== 'Indexed') immutable(at, 'completions', spec.completions, old.spec.completions)
  else if (spec.completions !== old.spec.completions && spec.completions !== undefined && spec.completions !== spec.parallelism) {
    at.at('completions').invalid(spec.completions, 'can only be modified in tandem with spec.parallelism')
  }
  if (!semanticallyEqual(spec.selector, old.spec.selector)) at.at('selector').invalid(shownSelector(spec.selector), 'field is immutable')
  validateTemplateUpdate(job, old, at, context)
  immutable(at, 'completionMode', spec.completionMode, old.spec.completionMode)
  if (!semanticallyEqual(spec.podFailurePolicy, old.spec.podFailurePolicy)) {
    at.at('podFailurePolicy').invalid(internalFailurePolicy(spec.podFailurePolicy), 'field is immutable')
  }
  immutable(at, 'backoffLimitPerIndex', spec.backoffLimitPerIndex, old.spec.backoffLimitPerIndex)
  immutable(at, 'managedBy', spec.managedBy, old.spec.managedBy)
  if (!semanticallyEqual(spec.successPolicy, old.spec.successPolicy)) at.at('successPolicy').invalid(internalSuccessPolicy(spec.successPolicy), 'field is immutable')
}

/**
 * Queueing systems decide where a job goes, and with how much, while it is suspended and none of its pods run; at any other time
 * the template is fixed.
 */
function validateTemplateUpdate({ spec: { template } }: Job, old: Job, errors: FieldErrors, { enabled }: Pick<WriteContext, 'enabled'>): void {
  if (semanticallyEqual(template, old.spec.template)) return
  const { suspend } = old.spec
  const neverRan = suspend && old.status.startTime === undefined
  const nothingRuns = suspend && (old.status.startTime === undefined || isTrue(old.status, 'Suspended')) && !old.status.active
  const steerable = enabled('MutableSchedulingDirectivesForSuspendedJobs') ? nothingRuns : neverRan
  const before = steerable ? withDirectivesOf(template, old.spec.template) : old.spec.template
  if (nothingRuns && enabled('MutablePodResourcesForSuspendedJobs')) {
    const wanted = withResourcesOf(template.spec, before.spec)
    if (!semanticallyEqual(template.spec, wanted)) errors.at('template.spec').invalid(internalTemplateSpec(template.spec), 'field is immutable')
  } else if (!semanticallyEqual(template, before)) errors.at('template').invalid(internalTemplate(template), 'field is immutable')
}

/** The old template as far as it is fixed, with the new one's word on where pods go. */
function withDirectivesOf({ metadata, spec }: PodTemplateSpec, old: PodTemplateSpec): PodTemplateSpec {
  return {
    metadata: { ...old.metadata, annotations: metadata?.annotations, labels: metadata?.labels } as PodTemplateSpec['metadata'],
    spec: {
      ...old.spec, affinity: affinityOf(spec.affinity, old.spec.affinity),
      nodeSelector: spec.nodeSelector, tolerations: spec.tolerations, schedulingGates: spec.schedulingGates,
    } as PodSpec,
  }
}

/** Of affinity, only what is about nodes may change. */
function affinityOf(now: Affinity | undefined, old: Affinity | undefined): Affinity | undefined {
  const fixed: Affinity = { ...old }
  delete fixed.nodeAffinity
  if (!now) return Object.keys(fixed).length === 0 ? undefined : fixed
  return now.nodeAffinity ? { ...fixed, nodeAffinity: now.nodeAffinity } : fixed
}

function withResourcesOf(now: PodSpec, old: PodSpec): PodSpec {
  const taken = <T extends Pick<Container, 'name' | 'resources'>>(list: readonly T[] | undefined, before: readonly T[] | undefined): readonly T[] | undefined =>
    list && before?.length === list.length ? before.map((one, i) => (one.name === list[i]!.name ? { ...one, resources: list[i]!.resources } : one)) : before
  return { ...old, containers: taken(now.containers, old.containers), initContainers: taken(now.initContainers, old.initContainers) } as PodSpec
}
