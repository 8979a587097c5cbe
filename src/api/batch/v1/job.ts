import { isDns1123Label } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { dropDisabledPodFields } from '#api/core/v1/pod-gates'
import { podTemplateWarnings } from '#api/core/v1/pod-warnings'
import { labelSelector } from '../../field-checks'
import { selectorMatches } from '../../label-matching'
import { ageColumn, column, containerColumns, formatSelector, humanDuration, nameColumn, wide } from '../../printing'
import { bumpGenerationWhenSpecChanges, carryStatus, startGeneration } from '../../strategies'
import { validateJobSpec, validateJobStatus, validateJobUpdate } from './job-validation'
import type { Job } from './types'

const uidLabel = 'batch.kubernetes.io/controller-uid'

export const jobs = defineResource<Job>({
  group: 'batch', version: 'v1', kind: 'Job', resource: 'jobs', namespaced: true,
  categories: ['all'],
  versions: { 'batch/v1': { schema: schemaIn(() => import('./types.gen'), 'Job') } },
  subresources: { status: statusOnly({ validateUpdate: (job, old, errors) => validateJobStatus(job, old, errors.at('status')) }) },
  defaultGarbageCollection: 'orphan',
  deleteWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',

  defaults({ spec }) {
    // A work queue, with workers but no number of completions, keeps completions open.
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
    spec.parallelism ??= 1
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2147483647
    spec.completionMode ??= 'NonIndexed'
    spec.suspend ??= false
    spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
    spec.manualSelector ??= false
    defaultPodSpec(spec.template.spec)
  },
  prepareForCreate(job, context) {
    dropDisabledPodFields(job.spec.template.spec, undefined, context)
    if (!job.spec.manualSelector) selectByUid(job)
    const labels = job.spec.template.metadata?.labels
    if (labels && Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = { ...labels }
    job.status = {}
    startGeneration(job)
  },
  prepareForUpdate(job, old, context) {
    dropDisabledPodFields(job.spec.template.spec, old.spec.template.spec, context)
    carryStatus(job, old)
    bumpGenerationWhenSpecChanges(job, old)
  },
  resetFields: [['status']],
  validate(job, errors) {
    const { spec, metadata } = job
    const at = errors.at('spec')
    validateJobSpec(spec, at)
    if (!spec.selector) at.at('selector').required()
    else {
      labelSelector(at, 'selector', spec.selector)
      const labels = spec.template.metadata?.labels
      if (!selectorMatches(spec.selector, labels)) at.at('template', 'metadata', 'labels').invalid(labels ?? null, '`selector` does not match template `labels`')
    }
    if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
      const longest = `${metadata.name}-${spec.completions! - 1}`
      if (isDns1123Label(longest).length > 0) errors.at('metadata', 'name').invalid(metadata.name, `will not able to create pod with invalid DNS label: ${longest}`)
    }
  },
  validateUpdate: validateJobUpdate,
  warnings({ metadata, spec }, old) {
    const found: string[] = []
    const messages = old ? [] : isDns1123Label(metadata.name)
    if (messages.length > 0) found.push(`metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`)
    if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 100_000 && spec.parallelism > 10_000) {
      found.push('spec.completions: completions more than 100000 and parallelism more than 10000 in Indexed mode is unreliable')
    }
    return [...found, ...podTemplateWarnings(spec.template, old?.spec.template, 'spec.template')]
  },

  columns: [
    nameColumn,
    column('Status', statusOf),
    column('Completions', ({ spec, status }) => {
      const done = status.succeeded ?? 0
      if (spec.completions !== undefined) return `${done}/${spec.completions}`
      return spec.parallelism > 1 ? `${done}/1 of ${spec.parallelism}` : `${done}/1`
    }),
    column('Duration', ({ status }, now) => {
      if (!status.startTime) return ''
      return humanDuration((status.completionTime ? Date.parse(status.completionTime) : now) - Date.parse(status.startTime))
    }),
    ageColumn,
    ...containerColumns<Job>(({ spec }) => spec.template.spec.containers),
    wide('Selector', ({ spec }) => formatSelector(spec.selector)),
  ],
  selectableFields: { 'status.successful': ({ status }) => String(status.succeeded ?? 0) },
})

/** Names can be used again, uids cannot: so the selector of a job never takes over another job's pods. */
function selectByUid({ metadata, spec }: Job): void {
  const labels = ((spec.template.metadata ??= {} as typeof spec.template.metadata).labels ??= {})
  labels['job-name'] ??= metadata.name
  labels['batch.kubernetes.io/job-name'] ??= metadata.name
  labels['controller-uid'] ??= metadata.uid
  labels[uidLabel] ??= metadata.uid
  const selector = ((spec.selector ??= {}).matchLabels ??= {})
  selector[uidLabel] ??= metadata.uid
}

function statusOf({ metadata, status }: Job): string {
  const is = (type: string): boolean => status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(is) ?? 'Running'
}
