import { fail } from './errors'
import { Duration, Timestamp } from './values'

const first = -62135596800
const last = 253402300799
const largest = 2n ** 63n

export function timestamp(seconds: number, nanos: number, offset = 0): Timestamp {
  if (seconds < first || seconds > last) fail('timestamp overflow')
  return new Timestamp(seconds, nanos, offset)
}

export function duration(nanos: bigint): Duration {
  if (nanos < -largest || nanos >= largest) fail('duration overflow')
  return new Duration(nanos)
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/

/** Undefined for what Go does not read as RFC 3339. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = rfc3339.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day || month < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  const [hours, minutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  if (hours > 24 || minutes > 60) return undefined
  const offset = (hours * 60 + minutes) * (match[8] === '-' ? -1 : 1)
  const nanos = Number((match[7] ?? '').slice(0, 9).padEnd(9, '0'))
  return timestamp(at.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset * 60, nanos, offset)
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0')

export function formatTimestamp({ seconds, nanos, offset }: Timestamp): string {
  const at = new Date((seconds + offset * 60) * 1000)
  const fraction = nanos === 0 ? '' : `.${pad(nanos, 9).replace(/0+$/, '')}`
  const zone = offset === 0 ? 'Z' : `${offset < 0 ? '-' : '+'}${pad(Math.trunc(Math.abs(offset) / 60), 2)}:${pad(Math.abs(offset) % 60, 2)}`
  const date = `${pad(at.getUTCFullYear(), 4)}-${pad(at.getUTCMonth() + 1, 2)}-${pad(at.getUTCDate(), 2)}`
  return `${date}T${pad(at.getUTCHours(), 2)}:${pad(at.getUTCMinutes(), 2)}:${pad(at.getUTCSeconds(), 2)}${fraction}${zone}`
}

const units: Readonly<Record<string, bigint>> = { ns: 1n, us: 1000n, 'µs': 1000n, 'μs': 1000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n }

/** Undefined for what Go's `time.ParseDuration` refuses. */
export function parseDuration(text: string): Duration | undefined {
  if (/^[+-]?0$/.test(text)) return new Duration(0n)
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit] of text.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = units[unit!]!
    nanos += BigInt(whole || '0') * size
    if (fraction !== '') nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
  }
  if (text.startsWith('-')) nanos = -nanos
  return nanos < -largest || nanos >= largest ? undefined : new Duration(nanos)
}

export type TimePart = 'getFullYear' | 'getMonth' | 'getDayOfYear' | 'getDayOfMonth' | 'getDate' | 'getDayOfWeek' | 'getHours' | 'getMinutes' | 'getSeconds' | 'getMilliseconds'

export function timePart(part: TimePart, time: Timestamp, zone: string): number {
  const at = new Date((time.seconds + secondsOff(zone, time.seconds)) * 1000)
  switch (part) {
    case 'getFullYear':
      return at.getUTCFullYear()
    case 'getMonth':
      return at.getUTCMonth()
    case 'getDayOfYear': {
      const start = new Date(0)
      start.setUTCFullYear(at.getUTCFullYear(), 0, 1)
      return Math.floor((at.getTime() - start.getTime()) / 86_400_000)
    }
    case 'getDayOfMonth':
      return at.getUTCDate() - 1
    case 'getDate':
      return at.getUTCDate()
    case 'getDayOfWeek':
      return at.getUTCDay()
    case 'getHours':
      return at.getUTCHours()
    case 'getMinutes':
      return at.getUTCMinutes()
    case 'getSeconds':
      return at.getUTCSeconds()
    default:
      return Math.trunc(time.nanos / 1_000_000)
  }
}

/** A zone is a name of the IANA database or `+hh:mm`. */
function secondsOff(zone: string, seconds: number): number {
  if (zone === '' || zone === 'UTC') return 0
  const colon = zone.indexOf(':')
  if (colon >= 0) {
    const match = /^([+-]?)(\d{1,2}):(\d{1,2})$/.exec(zone) ?? fail(`strconv.Atoi: parsing "${zone.slice(0, colon)}": invalid syntax`)
    return (Number(match[2]) * 3600 + Number(match[3]) * 60) * (match[1] === '-' ? -1 : 1)
  }
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
      hour: 'numeric', minute: 'numeric', second: 'numeric', era: 'short' })
  } catch {
    return fail(`unknown time zone ${zone}`)
  }
  const parts = Object.fromEntries(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]))
  const there = new Date(0)
  const year = Number(parts['year'])
  there.setUTCFullYear(parts['era'] === 'BC' ? 1 - year : year, Number(parts['month']) - 1, Number(parts['day']))
  there.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']))
  return there.getTime() / 1000 - Math.floor(seconds)
}
