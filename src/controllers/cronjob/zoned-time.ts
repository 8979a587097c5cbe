/** What a clock and a calendar on the wall of a time zone show. Months count from 1, days of the week from Sunday 0. */
export interface Fields { year: number; month: number; date: number; hour: number; minute: number; day: number }

const formats = new Map<string, Intl.DateTimeFormat>()

/** Milliseconds that a zone is ahead of UTC at a time. Throws a RangeError for an unknown zone. */
export function offsetAt(zone: string, ms: number): number {
  if (zone === 'UTC') return 0
  let format = formats.get(zone)
  if (!format) {
    const options = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const
    formats.set(zone, (format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...options })))
  }
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(ms)) part[type] = Number(value)
  return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']) - Math.floor(ms / 1000) * 1000
}

export function fieldsIn(zone: string, ms: number): Fields {
  const local = new Date(ms + offsetAt(zone, ms))
  return {
    year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, date: local.getUTCDate(), hour: local.getUTCHours(), minute: local.getUTCMinutes(), day: local.getUTCDay(),
  }
}

/** Midnight of a day; months and dates beyond their ends run over. A midnight that is left out becomes a moment beside it. */
export function localTime(zone: string, year: number, month: number, date: number): number {
  const local = Date.UTC(year, month - 1, date)
  const guess = local - offsetAt(zone, local)
  return local - offsetAt(zone, guess)
}

/** RFC 3339 with the zone's own offset: `2026-01-01T02:00:00+02:00`. */
export function formatIn(zone: string, ms: number): string {
  const offset = offsetAt(zone, ms)
  const local = new Date(ms + offset).toISOString().slice(0, 19)
  if (offset === 0) return `${local}Z`
  const minutes = Math.abs(offset) / 60_000
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  return `${local}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone
