// Points in time and spans as the API writes them: RFC 3339 in UTC, and ages as kubectl prints them.

/** The text is no time; the message is Go's. */
export class TimeError extends Error {
  override readonly name = 'TimeError'
}

const layouts = { time: '2006-01-02T15:04:05Z07:00', microTime: '2006-01-02T15:04:05.000000Z07:00' } as const

/** The parts of a layout in order, with the name by which a failure is reported. */
const steps: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^\d{4}/, '2006'], [/^-/, '-'], [/^\d{2}/, '01'], [/^-/, '-'], [/^\d{2}/, '02'], [/^T/, 'T'],
  [/^\d{2}/, '15'], [/^:/, ':'], [/^\d{2}/, '04'], [/^:/, ':'], [/^\d{2}/, '05'],
]

export interface Instant {
  /** Whole seconds since 1970. */
  readonly seconds: number
  /** 0 to 999,999. */
  readonly microseconds: number
}

/** Reads RFC 3339. A `microTime` must have six decimals, a `time` may have any number, of which the first six count. Throws TimeError. */
export function parseTime(text: string, sort: 'time' | 'microTime' = 'time'): Instant {
  const layout = layouts[sort]
  const cannot = (rest: string, name: string): TimeError =>
    new TimeError(`parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${name}"`)
  const outOfRange = (what: string): TimeError => new TimeError(`parsing time ${JSON.stringify(text)}: ${what} out of range`)

  let rest = text
  const numbers: number[] = []
  for (const [pattern, name] of steps) {
    const found = pattern.exec(rest)?.[0]
    if (found === undefined) throw cannot(rest, name)
    rest = rest.slice(found.length)
    if (name.length > 1) numbers.push(Number(found))
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers
  const fraction = /^[.,](\d+)/.exec(rest)
  if (sort === 'microTime' && fraction?.[1]?.length !== 6) throw cannot(rest, '.000000')
  if (fraction) rest = rest.slice(fraction[0].length)

  let offset = 0
  if (rest.startsWith('Z')) rest = rest.slice(1)
  else {
    const zone = /^([+-])(\d{2}):(\d{2})/.exec(rest)
    if (!zone) throw cannot(rest, 'Z07:00')
    if (Number(zone[2]) > 24 || Number(zone[3]) > 60) throw outOfRange('time zone offset')
    offset = (Number(zone[2]) * 3600 + Number(zone[3]) * 60) * (zone[1] === '-' ? -1 : 1)
    rest = rest.slice(6)
  }
  if (rest !== '') throw new TimeError(`parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`)
  if (month < 1 || month > 12) throw outOfRange('month')
  if (hour > 23) throw outOfRange('hour')
  if (minute > 59) throw outOfRange('minute')
  if (second > 59) throw outOfRange('second')
  if (day < 1 || day > daysIn(month, year)) throw outOfRange('day')

  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  return { seconds: date.getTime() / 1000 - offset, microseconds: fraction ? Number(fraction[1]!.padEnd(6, '0').slice(0, 6)) : 0 }
}

const daysIn = (month: number, year: number): number => {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Go's zero time, which the API writes as null. */
const zeroSeconds = -62135596800

/** The form that the server writes, or null for Go's zero time. Throws TimeError. */
export function canonicalTime(text: string): string | null {
  if (isCanonicalTime(text)) return text
  const { seconds } = parseTime(text)
  return seconds === zeroSeconds ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

export function canonicalMicroTime(text: string): string | null {
  const { seconds, microseconds } = parseTime(text, 'microTime')
  if (seconds === zeroSeconds && microseconds === 0) return null
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(microseconds).padStart(6, '0')}Z`
}

/** `2026-11-01T10:00:00Z` between 1000 and 9999, with every part in range: nothing to rewrite. */
function isCanonicalTime(text: string): boolean {
  if (text.length !== 20 || text.charCodeAt(19) !== 90 || text.charCodeAt(0) === 48) return false
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(10) !== 84 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return false
  const month = two(text, 5)
  const day = two(text, 8)
  return two(text, 0) >= 0 && two(text, 2) >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= 28
    && two(text, 11) >= 0 && two(text, 11) < 24 && two(text, 14) >= 0 && two(text, 14) < 60 && two(text, 17) >= 0 && two(text, 17) < 60
}

/** Two digits, or below zero. */
function two(text: string, at: number): number {
  const high = text.charCodeAt(at) - 48
  const low = text.charCodeAt(at + 1) - 48
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1
}

/** Milliseconds since 1970 -> `2026-11-01T10:00:00Z`. */
export const formatTime = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
/** Milliseconds since 1970 -> `2026-11-01T10:00:00.123000Z`. Fractions of a millisecond count. */
export function formatMicroTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  const micros = Math.floor((milliseconds - whole) * 1000)
  return `${new Date(whole).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}Z`
}

/** Milliseconds since 1970 of a Time or MicroTime that the server wrote. NaN for anything else. */
export const timeToMilliseconds = (text: string): number => Date.parse(text)

/** How kubectl prints an age: `3m20s`, `5h`, `12d`, `2y30d`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 192) return withRest(days, 'd', hours % 24, 'h')
  if (days < 730) return `${days}d`
  const years = Math.trunc(days / 365)
  return days < 2920 ? withRest(years, 'y', days % 365, 'd') : `${years}y`
}

const withRest = (whole: number, unit: string, rest: number, restUnit: string): string => (rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${restUnit}`)

/** The Age column: from a creation time to now, `<unknown>` without one. */
export const ageOf = (creationTimestamp: string | undefined | null, now: number): string =>
  creationTimestamp ? humanDuration(now - timeToMilliseconds(creationTimestamp)) : '<unknown>'
