import { isDns1123Label } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { dropDisabledPodFields } from '#api/core/v1/pod-gates'
import { ageColumn, column, containerColumns, formatSelector, humanDuration, nameColumn, wide } from '../../printing'
import { bumpGenerationWhenSpecChanges, carryStatus, startGeneration } from '../../strategies'
import { isTrue } from './job-conditions'
import { labelsOfJob, uidLabel } from './job-labels'
import { validateJobStatus } from './job-status-validation'
import { validateJobUpdate } from './job-update-validation'
import { validateJob } from './job-validation'
import { loadTypes } from './job-template-form'
import { jobSpecWarnings } from './job-warnings'
import type { Job } from './types'

export const jobs = defineResource<Job>({
  group: 'batch', version: 'v1', kind: 'Job', resource: 'jobs', namespaced: true,
  categories: ['all'],
  versions: { 'batch/v1': { schema: schemaIn(loadTypes, 'Job') } },
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
    const labelled = job.spec.template.metadata?.labels !== undefined
    if (!job.spec.manualSelector) selectByUid(job)
    if (labelled) takeLabels(job)
    job.status = {}
    startGeneration(job)
  },
  prepareForUpdate(job, old, context) {
    dropDisabledPodFields(job.spec.template.spec, old.spec.template.spec, context)
    carryStatus(job, old)
    bumpGenerationWhenSpecChanges(job, old)
  },
  resetFields: [['status']],
  // Labels that the server made are taken over only when they were found sound.
  canonicalize: takeLabels,
  validateCreate: (job, errors) => validateJob(job, undefined, errors),
  validateUpdate: validateJobUpdate,
  warnings({ metadata, spec }, old) {
    if (old?.metadata.generation === metadata.generation) return []
    const found: string[] = []
    const messages = old ? [] : isDns1123Label(metadata.name)
    if (messages.length > 0) found.push(`metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`)
    return [...found, ...jobSpecWarnings(spec, old?.spec, 'spec')]
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

/** A job without labels has its pods'. */
function takeLabels({ metadata, spec }: Job): void {
  const labels = spec.template.metadata?.labels
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
}

/** So that the selector of a job never takes over another job's pods. */
function selectByUid({ metadata, spec }: Job): void {
  const labels = ((spec.template.metadata ??= {} as typeof spec.template.metadata).labels ??= {})
  for (const { label, value } of [...labelsOfJob.legacy, ...labelsOfJob.prefixed]) labels[label] ??= value(metadata)
  const selector = ((spec.selector ??= {}).matchLabels ??= {})
  selector[uidLabel] ??= metadata.uid
}

function statusOf({ metadata, status }: Job): string {
  if (isTrue(status, 'Complete')) return 'Complete'
  if (isTrue(status, 'Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find((type) => isTrue(status, type)) ?? 'Running'
}
