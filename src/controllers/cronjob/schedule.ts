import { scheduleProblem } from '#api/batch/v1/cron-schedule'
import { fieldsIn, localTime } from './zoned-time'
import type { Fields } from './zoned-time'

/** When a CronJob runs. Times are milliseconds since 1970. */
export interface Schedule {
  /** The first time after `ms`, a whole second; undefined where there is none for years (the 31st of February). */
  next(ms: number): number | undefined
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
}
const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, 'μs': 1e-3, ms: 1, s: 1000, m: 60_000, h: 3600_000 }
/** Nothing that comes at all comes less often (29 February around 2100 apart). */
const searchedYears = 5

/**
 * Reads a schedule of five fields, a descriptor, or `@every 1h30m`. Throws, in the original's words, for what is none. Own code,
 * since what days, steps and turned clocks mean must be what robfig/cron takes them for.
 */
export function parseSchedule(text: string, timeZone: string): Schedule {
  const problem = scheduleProblem(text)
  if (problem !== undefined) throw new Error(problem)
  const trimmed = text.trim()
  if (trimmed.startsWith('@every ')) return every(trimmed.slice(7))
  const parts = (descriptors[trimmed] ?? trimmed).split(/\s+/)
  return fromFields(
    { minute: read(parts[0]!, 0, 59), hour: read(parts[1]!, 0, 23), date: read(parts[2]!, 1, 31), month: read(parts[3]!, 1, 12, months, 1), day: read(parts[4]!, 0, 6, days) },
    timeZone,
  )
}

function every(duration: string): Schedule {
  let ms = 0
  for (const [, number, unit] of duration.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)) ms += Number(number) * unitMs[unit!]!
  const period = duration.startsWith('-') ? 1000 : Math.max(1, Math.floor(ms / 1000)) * 1000
  return { next: (from) => Math.floor(from / 1000) * 1000 + period }
}

interface Allowed {
  readonly values: ReadonlySet<number>
  /** Says nothing: `*` or `?`, unless with a step. */
  readonly any: boolean
}

function read(field: string, low: number, high: number, names: readonly string[] = [], nameOffset = 0): Allowed {
  const values = new Set<number>()
  let any = false
  const number = (text: string): number => {
    const named = names.indexOf(text.toLowerCase())
    return named >= 0 ? named + nameOffset : Number(text)
  }
  for (const part of field.split(',').filter(Boolean)) {
    const [range = '', stepText] = part.split('/')
    const step = stepText === undefined ? 1 : Number(stepText)
    const [from, to] = range.split('-')
    // What stands behind the star of `*-5` says nothing.
    const star = from === '*' || from === '?'
    if (star && step === 1) any = true
    const start = star ? low : number(from!)
    // `5/15` goes on to the end, `5` is alone.
    const end = star || (to === undefined && stepText !== undefined) ? high : to === undefined ? start : number(to)
    for (let value = start; value <= end; value += step) values.add(value)
  }
  return { values, any }
}

type ByField = Readonly<Record<'minute' | 'hour' | 'date' | 'month' | 'day', Allowed>>

/** Finds the next time by raising one field after the other, the largest first, and starting over after each step. */
function fromFields({ minute, hour, date, month, day }: ByField, zone: string): Schedule {
  const dayFits = (at: Fields): boolean => {
    const [dateFits, weekdayFits] = [date.values.has(at.date), day.values.has(at.day)]
    // Where both are restricted either will do.
    return date.any || day.any ? dateFits && weekdayFits : dateFits || weekdayFits
  }
  return {
    next(from) {
      let t = Math.floor(from / 60_000) * 60_000 + 60_000
      let at = fieldsIn(zone, t)
      const lastYear = at.year + searchedYears
      const to = (ms: number): void => {
        t = ms
        at = fieldsIn(zone, t)
      }
      while (at.year <= lastYear) {
        if (!month.values.has(at.month)) to(localTime(zone, at.year, at.month + 1, 1))
        else if (!dayFits(at)) to(startOfNextDay(zone, at))
        // By the clock that never jumps: an hour that comes twice is met twice, one that is left out never.
        else if (!hour.values.has(at.hour)) to(t - at.minute * 60_000 + 3600_000)
        else if (!minute.values.has(at.minute)) to(t + 60_000)
        else return t
      }
      return undefined
    },
  }
}

/** Midnight; where the clock is turned at midnight, the first moment of the day that there is. */
function startOfNextDay(zone: string, { year, month, date }: Fields): number {
  const ms = localTime(zone, year, month, date + 1)
  const { hour } = fieldsIn(zone, ms)
  return hour > 12 ? ms + (24 - hour) * 3600_000 : ms
}
