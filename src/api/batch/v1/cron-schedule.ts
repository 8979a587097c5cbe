// Whether a schedule can be read, in the words of the original's parser.

import { locationProblem } from './time-zones'

const bounds = [
  { low: 0, high: 59 }, { low: 0, high: 23 }, { low: 1, high: 31 },
  { low: 1, high: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { low: 0, high: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const
const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])

/** Undefined for a good schedule. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string'
  let text = schedule
  if (/^(CRON_)?TZ=/.test(schedule)) {
    const space = schedule.indexOf(' ')
    const equals = schedule.indexOf('=')
    if (space < 0) return `invalid schedule format: runtime error: slice bounds out of range [:${space}]`
    const zone = schedule.slice(equals + 1, space)
    const problem = zone === '' ? undefined : locationProblem(zone)
    if (problem !== undefined) return `provided bad location ${zone}: ${problem}`
    text = schedule.slice(space).trim()
  }
  if (text.startsWith('@')) {
    if (descriptors.has(text)) return undefined
    if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`
    const problem = durationProblem(text.slice(7))
    return problem && `failed to parse duration ${text}: ${problem}`
  }
  const fields = text.trim() === '' ? [] : text.trim().split(/\s+/)
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
  for (const [i, field] of fields.entries()) {
    for (const part of field.split(',')) {
      const problem = part === '' ? undefined : rangeProblem(part, bounds[i]!)
      if (problem) return problem
    }
  }
  return undefined
}

const units = new Set(['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'])

/** In the words of Go's time.ParseDuration. */
function durationProblem(duration: string): string | undefined {
  const invalid = `time: invalid duration ${JSON.stringify(duration)}`
  let rest = duration.replace(/^[+-]/, '')
  if (rest === '0') return undefined
  if (rest === '') return invalid
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (number === undefined) return invalid
    const unit = /^[^\d.]*/.exec(rest.slice(number.length))![0]
    if (unit === '') return `time: missing unit in duration ${JSON.stringify(duration)}`
    if (!units.has(unit)) return `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(duration)}`
    rest = rest.slice(number.length + unit.length)
  }
  return undefined
}

interface Bounds { readonly low: number; readonly high: number; readonly names?: readonly string[] }

function rangeProblem(part: string, { low, high, names }: Bounds): string | undefined {
  const [range = '', stepText, ...more] = part.split('/')
  const limits = range.split('-')
  let [start, end] = [low, high]
  if (limits[0] !== '*' && limits[0] !== '?') {
    if (limits.length > 2) {
      const first = readNumber(limits[0]!, names)
      return typeof first === 'string' ? first : `too many hyphens: ${part}`
    }
    const [first, last] = limits.map((limit) => readNumber(limit, names)) as [number | string, (number | string)?]
    if (typeof first === 'string') return first
    if (typeof last === 'string') return last
    start = first
    end = last ?? (stepText === undefined ? start : high)
  }
  if (more.length > 0) return `too many slashes: ${part}`
  const step = stepText === undefined ? 1 : readNumber(stepText, undefined)
  if (typeof step === 'string') return step
  if (start < low) return `beginning of range (${start}) below minimum (${low}): ${part}`
  if (end > high) return `end of range (${end}) above maximum (${high}): ${part}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${part}`
  return step === 0 ? `step of range should be a positive number: ${part}` : undefined
}

/** The number, or why it is none. */
function readNumber(text: string, names: readonly string[] | undefined): number | string {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return names!.length === 12 ? named + 1 : named
  if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
  const number = BigInt(text.replace(/^\+/, ''))
  if (number < 0n) return `negative number (${number}) not allowed: ${text}`
  if (number > 2n ** 63n - 1n) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`
  return Number(number)
}
