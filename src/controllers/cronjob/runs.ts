import type { CronJob } from '#api/batch/v1/types'
import type { Schedule } from './schedule'

/** A little after a run is due, so that it certainly is. */
const margin = 100

export interface Missed {
  /** The last time that has come and was not run for, in milliseconds since 1970. */
  due: number | undefined
  /** From where it was looked. */
  since: number
  /** So many that a clock may be wrong. */
  tooMany: boolean
  any: boolean
}

/** What has come since the last run, or since the CronJob was made. Throws for a schedule that stands still. */
export function missedRuns({ metadata, spec, status }: CronJob, schedule: Schedule, now: number, { withinDeadline }: { withinDeadline: boolean }): Missed {
  let since = Date.parse(status.lastScheduleTime ?? metadata.creationTimestamp)
  if (withinDeadline && spec.startingDeadlineSeconds !== undefined) since = Math.max(since, now - spec.startingDeadlineSeconds * 1000)
  const none: Missed = { due: undefined, since, tooMany: false, any: false }
  const first = schedule.next(since)
  const second = first === undefined ? undefined : schedule.next(first)
  if (first === undefined || second === undefined) throw new Error('time difference between two schedules is less than 1 second')
  if (now < first) return none
  if (now < second) return { ...none, due: first }
  // After a long pause it is not counted run by run: near the end is guessed from the first distance, which may be another one
  // than the later ones (a schedule for Mondays and Tuesdays).
  const distance = second - first
  const count = Math.floor((now - first) / distance) + 1
  let due: number | undefined
  for (let t = schedule.next(first + (count - 2) * distance); t !== undefined && t <= now; t = schedule.next(t)) due = t
  return { due, since, tooMany: count > 100, any: true }
}

/** Milliseconds until the next run. */
export function nextRunIn(job: CronJob, schedule: Schedule, now: number): number | undefined {
  let from = now
  try {
    const { due, since, any } = missedRuns(job, schedule, now, { withinDeadline: false })
    from = due ?? (any ? now : since)
  } catch {
    // A schedule that stands still has no next run either.
    return undefined
  }
  const next = schedule.next(from)
  return next === undefined ? undefined : Math.max(0, next + margin - now)
}
