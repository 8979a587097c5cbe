import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1123Label } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { withGatedTemplate } from '#api/core/v1/pod-gates'
import { nonNegative, oneOf, report } from '../../field-checks'
import { shownSelector } from '../../label-matching'
import { ageColumn, column, containerColumns, formatSelector, integer, nameColumn, since, wide } from '../../printing'
import { generationAndStatus } from '../../strategies'
import { scheduleProblem } from './cron-schedule'
import { validateJobSpec } from './job-validation'
import { jobSpecWarnings } from './job-warnings'
import { timeZoneProblems } from './time-zones'
import type { CronJob } from './types'

export const cronjobs = defineResource<CronJob>({
  group: 'batch', version: 'v1', kind: 'CronJob', resource: 'cronjobs', namespaced: true,
  shortNames: ['cj'],
  categories: ['all'],
  versions: { 'batch/v1': { schema: schemaIn(() => import('./types.gen'), 'CronJob') } },
  metadataChecks: { whole: 0, update: 1 },
  subresources: { status: statusOnly({ metadataChecks: { whole: 0, update: 0 } }) },

  ...withGatedTemplate<CronJob>(({ spec }) => spec.jobTemplate.spec.template.spec, generationAndStatus(() => ({}))),
  // What a job gets beyond its pods waits until the job is made.
  defaults: ({ spec }) => defaultPodSpec(spec.jobTemplate.spec.template.spec),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    if (!spec.schedule) at.at('schedule').required()
    else {
      const problem = scheduleProblem(spec.schedule)
      if (problem) at.at('schedule').invalid(spec.schedule, problem)
    }
    nonNegative(at, 'startingDeadlineSeconds', spec.startingDeadlineSeconds)
    oneOf(at, 'concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'])
    const { jobTemplate } = spec
    validateJobSpec(jobTemplate.spec, at.at('jobTemplate', 'spec'))
    if (jobTemplate.spec.selector) at.at('jobTemplate', 'spec', 'selector').invalid(shownSelector(jobTemplate.spec.selector), '`selector` will be auto-generated')
    if (jobTemplate.spec.manualSelector) at.at('jobTemplate', 'spec', 'manualSelector').notSupported(true, ['nil', 'false'])
    nonNegative(at, 'successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit)
    nonNegative(at, 'failedJobsHistoryLimit', spec.failedJobsHistoryLimit)
  },
  validateCreate({ metadata, spec }, errors) {
    if (metadata.name?.length > 52) errors.at('metadata', 'name').invalid(metadata.name, 'must be no more than 52 characters')
    if (spec.schedule.includes('TZ')) errors.at('spec', 'schedule').invalid(spec.schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')
    checkTimeZone(spec.timeZone, errors)
  },
  validateUpdate({ spec }, old, errors) {
    if (spec.timeZone !== old.spec.timeZone) checkTimeZone(spec.timeZone, errors)
    const at = errors.at('spec', 'schedule')
    if (!spec.schedule.includes('TZ')) return
    if (!old.spec.schedule.includes('TZ')) at.invalid(spec.schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')
    else if (spec.timeZone !== undefined) at.invalid(spec.schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule')
  },
  warnings({ metadata, spec }, old) {
    const found: string[] = []
    const messages = old ? [] : isDns1123Label(metadata.name)
    if (messages.length > 0) found.push(`metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`)
    if (old?.metadata.generation !== metadata.generation) found.push(...jobSpecWarnings(spec.jobTemplate.spec, old?.spec.jobTemplate.spec, 'spec.jobTemplate.spec'))
    if (old && spec.schedule.includes('TZ')) {
      found.push('cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details')
    }
    return found
  },

  columns: [
    nameColumn,
    column('Schedule', ({ spec }) => spec.schedule),
    column('Timezone', ({ spec }) => spec.timeZone ?? '<none>'),
    { name: 'Suspend', type: 'boolean', value: ({ spec }) => (spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False') },
    integer('Active', ({ status }) => status.active?.length),
    column('Last Schedule', ({ status }, now) => (status.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>')),
    ageColumn,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template.spec.containers),
    wide('Selector', ({ spec }) => formatSelector(spec.jobTemplate.spec.selector)),
  ],
})

function checkTimeZone(zone: string | undefined, errors: FieldErrors): void {
  if (zone !== undefined) report(errors.at('spec'), 'timeZone', zone, timeZoneProblems(zone))
}
