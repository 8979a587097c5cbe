// Whether a schedule can be read, in the words of the original's parser.

const bounds = [
  { low: 0, high: 59 }, { low: 0, high: 23 }, { low: 1, high: 31 },
  { low: 1, high: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { low: 0, high: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const
const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])

/** Undefined for a good schedule. */
export function scheduleProblem(schedule: string): string | undefined {
  const text = schedule.replace(/^(CRON_)?TZ=\S+\s*/, '').trim()
  if (text === '') return 'empty spec string'
  if (text.startsWith('@')) {
    if (descriptors.has(text)) return undefined
    if (text.startsWith('@every ')) return /^@every ([\d.]+(ns|us|µs|ms|s|m|h))+$/.test(text) ? undefined : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(text.slice(7))}`
    return `unrecognized descriptor: ${text}`
  }
  const fields = text.split(/\s+/)
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
  for (const [i, field] of fields.entries()) {
    for (const part of field.split(',')) {
      const problem = rangeProblem(part, bounds[i]!)
      if (problem) return problem
    }
  }
  return undefined
}

interface Bounds { readonly low: number; readonly high: number; readonly names?: readonly string[] }

function rangeProblem(part: string, { low, high, names }: Bounds): string | undefined {
  const [range = '', step, ...more] = part.split('/')
  if (more.length > 0) return `too many slashes: ${part}`
  const limits = range.split('-')
  if (limits.length > 2) return `too many hyphens: ${part}`
  let [start, end] = [low, high]
  if (range !== '*' && range !== '?') {
    const numbers = limits.map((text) => numberIn(text, names))
    const bad = numbers.findIndex((value) => value === undefined)
    if (bad >= 0) return `failed to parse int from ${limits[bad]}: strconv.Atoi: parsing ${JSON.stringify(limits[bad])}: invalid syntax`
    start = numbers[0]!
    end = numbers[1] ?? (step === undefined ? start : high)
  }
  if (step !== undefined && !/^\d+$/.test(step)) return `failed to parse int from ${step}: strconv.Atoi: parsing ${JSON.stringify(step)}: invalid syntax`
  if (start < low) return `beginning of range (${start}) below minimum (${low}): ${part}`
  if (end > high) return `end of range (${end}) above maximum (${high}): ${part}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${part}`
  return step !== undefined && Number(step) === 0 ? `step of range should be a positive number: ${part}` : undefined
}

function numberIn(text: string, names: readonly string[] | undefined): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return names!.length === 12 ? named + 1 : named
  return /^\d+$/.test(text) ? Number(text) : undefined
}

export function timeZoneProblem(zone: string): string | undefined {
  if (zone === '') return 'timeZone must be nil or non-empty string'
  const unknown = `unknown time zone ${zone}`
  if (zone.split('/').some((part) => part === '.' || part === '..' || part.startsWith('-') || !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part))) return unknown
  if (zone.toLowerCase() === 'local') return 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
  try {
    Intl.DateTimeFormat('en', { timeZone: zone })
    return undefined
  } catch {
    return unknown
  }
}
