import { keyOf } from '#apimachinery/object'
import { cronjobs } from '#api/batch/v1/cron-job'
import { timeZoneProblem } from '#api/batch/v1/time-zones'
import { jobs } from '#api/batch/v1/job'
import type { CronJob, CronJobStatus } from '#api/batch/v1/types'
import { formatTime } from '#apimachinery/time'
import { clone } from '#base/clone'
import { about } from '#client/events'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import type { Outcome, ReconcileContext } from '#controller-runtime/controller'
import { byOwner, ownersOf } from '#controller-runtime/owners'
import { updateStatus } from '#controller-runtime/update-status'
import { createJob, deleteOldJobs, replaceActive, sortOut } from './children'
import { missedRuns, nextRunIn } from './runs'
import { parseSchedule } from './schedule'
import type { Schedule } from './schedule'
import { ownTimeZone } from './zoned-time'

/**
 * Makes a Job whenever a schedule says so. After a pause it makes up for the last missed run only; a run that is more than
 * `startingDeadlineSeconds` late is left out. A Job's name holds the minute that it is for, so that none is made twice.
 */
export const cronjob = defineController<Disposable>({
  name: 'cronjob-controller',
  watches: [on(cronjobs, undefined, { when: (job, old) => !job || !old || !isRescheduled(job, old) }), on(jobs, ownersOf(cronjobs), byOwner)],
  writes: [jobs, statusOf(cronjobs)],

  /** A new schedule counts from now on: what it would have run before is not made up for. */
  setUp: ({ cached, clock, enqueue, tell }) =>
    cached(cronjobs).on((job, old) => {
      if (!job || !old || !isRescheduled(job, old)) return
      try {
        const after = nextRunIn(job, scheduleOf(job), clock.now())
        if (after !== undefined) enqueue(keyOf(job), after)
      } catch {
        tell(cronjobs, job, 'Warning', 'UnParseableCronJobSchedule', `unparseable schedule for cronjob: ${job.spec.schedule}`)
      }
    }),

  async reconcile(key, context) {
    const { cached, client } = context
    const job = cached(cronjobs).get(key)
    if (!job) return
    const children = cached(jobs).by('owner', job.metadata.uid)
    const status = clone<CronJobStatus>(job.status)
    await deleteOldJobs(job, children, status, context)
    let outcome: Outcome | undefined
    let failure: { error: unknown } | undefined
    try {
      await sortOut(job, children, status, context)
      outcome = await runIfDue(job, status, context)
    } catch (error) {
      failure = { error }
    }
    await updateStatus(client, cronjobs, job, { ...status, active: status.active?.length ? status.active : undefined })
    if (failure) throw failure.error
    return outcome
  },
})

const isRescheduled = (job: CronJob, old: CronJob): boolean => job.spec.schedule !== old.spec.schedule || job.spec.timeZone !== old.spec.timeZone

/** Old CronJobs may name the zone in the schedule: `TZ=Europe/Berlin 0 3 * * *`. */
function scheduleOf({ spec: { schedule, timeZone } }: CronJob): Schedule {
  const inline = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(schedule.trim())
  if (inline && timeZoneProblem(inline[1]!) !== undefined) throw new Error(`provided bad location ${inline[1]}: unknown time zone ${inline[1]}`)
  return parseSchedule(inline ? inline[2]! : schedule, timeZone ?? inline?.[1] ?? ownTimeZone())
}

async function runIfDue(job: CronJob, status: CronJobStatus, context: ReconcileContext<Disposable>): Promise<Outcome | undefined> {
  const { clock, tell } = context
  const { spec, metadata } = job
  const warn = (reason: string, message: string): undefined => {
    tell(cronjobs, job, 'Warning', reason, message)
    return undefined
  }
  if (metadata.deletionTimestamp) return undefined
  const badZone = spec.timeZone === undefined ? undefined : timeZoneProblem(spec.timeZone)
  if (badZone !== undefined) return warn('UnknownTimeZone', `invalid timeZone: ${JSON.stringify(spec.timeZone)}: ${badZone}`)
  if (spec.suspend) return undefined
  if (spec.schedule.includes('TZ'))
    warn('UnsupportedSchedule', `CRON_TZ or TZ used in schedule ${JSON.stringify(spec.schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`)

  const now = clock.now()
  let schedule: Schedule
  try {
    schedule = scheduleOf(job)
  } catch (error) {
    return warn('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${(error as Error).message}`)
  }
  let due: number | undefined
  try {
    const missed = missedRuns({ ...job, status }, schedule, now, { withinDeadline: true })
    due = missed.due
    if (due !== undefined && missed.tooMany) warn('TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew')
  } catch (error) {
    return warn('InvalidSchedule', `invalid schedule: ${spec.schedule} : ${(error as Error).message}`)
  }
  const later = (): Outcome => ({ requeueAfter: nextRunIn({ ...job, status }, schedule, now) })
  if (due === undefined) return later()
  if (spec.startingDeadlineSeconds !== undefined && due + spec.startingDeadlineSeconds * 1000 < now) {
    warn('MissSchedule', `Missed scheduled time to start a job: ${new Date(due).toUTCString().replace('GMT', '+0000')}`)
    return later()
  }
  const name = `${metadata.name}-${Math.floor(due / 60_000)}`
  if (status.active?.some((active) => active.name === name) || status.lastScheduleTime === formatTime(due)) return later()
  if (spec.concurrencyPolicy === 'Forbid' && status.active?.length) {
    tell(cronjobs, job, 'Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid')
    return later()
  }
  if (spec.concurrencyPolicy === 'Replace') await replaceActive(job, status, context)

  const made = await createJob(job, name, due, context)
  if (!made) return undefined
  status.active = [...(status.active ?? []), about(jobs, made)]
  status.lastScheduleTime = formatTime(due)
  return later()
}
