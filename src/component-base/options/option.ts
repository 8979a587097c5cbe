import { isIP } from 'node:net'
import { formatDuration, parseDuration } from './duration'

/** How one sort of value is read, from a flag's text or from what a file or a caller gives, and shown again. */
export interface OptionType<T> {
  /** For the help: `duration`, `strings`. */
  readonly name: string
  /** Throws a `TypeError` that says what was expected. */
  read(value: unknown): T
  show(value: T): string
  /** Several flags of the name add up instead of the last one winning. */
  readonly merge?: (before: T, now: T) => T
  /** A flag without a value means this. */
  readonly bare?: T
}

export interface Option<T> {
  readonly type: OptionType<T>
  /** The original component's name, without dashes: `service-cluster-ip-range`. */
  readonly flag: string
  readonly help: string
  readonly default: T
  /** Undefined: fine. Otherwise what is wrong and how to mend it: `must be within 1-65535`. */
  readonly check?: (value: T) => string | undefined
}

const expected = (what: string): never => {
  throw new TypeError(`must be ${what}`)
}

const string: OptionType<string> = { name: 'string', read: (v) => (typeof v === 'string' ? v : expected('a string')), show: (v) => v }

const int: OptionType<number> = {
  name: 'int',
  read(v) {
    const number = typeof v === 'string' && /^[+-]?\d+$/.test(v) ? Number(v) : v
    return typeof number === 'number' && Number.isSafeInteger(number) ? number : expected('a whole number')
  },
  show: String,
}

const float: OptionType<number> = {
  name: 'float',
  read(v) {
    const number = typeof v === 'string' && v.trim() !== '' ? Number(v) : v
    return typeof number === 'number' && Number.isFinite(number) ? number : expected('a number')
  },
  show: String,
}

const bool: OptionType<boolean> = {
  name: 'bool',
  bare: true,
  read(v) {
    if (typeof v === 'boolean') return v
    if (v === 'true' || v === 't' || v === '1') return true
    return v === 'false' || v === 'f' || v === '0' ? false : expected('true or false')
  },
  show: String,
}

/** Milliseconds. */
const duration: OptionType<number> = {
  name: 'duration',
  read: (v) => (typeof v === 'string' ? parseDuration(v) : typeof v === 'number' && Number.isFinite(v) ? v : undefined) ?? expected('a duration such as 30s or 1m30s'),
  show: formatDuration,
}

const strings: OptionType<readonly string[]> = {
  name: 'strings',
  merge: (before, now) => [...before, ...now],
  read(v) {
    if (typeof v === 'string') return v === '' ? [] : v.split(',').map((item) => item.trim())
    return Array.isArray(v) && v.every((item) => typeof item === 'string') ? v : expected('a list of strings, separated by commas')
  },
  show: (v) => v.join(','),
}

const map: OptionType<Readonly<Record<string, string>>> = {
  name: 'name=value,...',
  merge: (before, now) => ({ ...before, ...now }),
  read(v) {
    if (typeof v === 'object' && v !== null && !Array.isArray(v)) return Object.fromEntries(Object.entries(v).map(([name, value]) => [name, String(value)]))
    if (typeof v !== 'string') return expected('name=value pairs, separated by commas')
    const pairs = v === '' ? [] : v.split(',').map((pair) => /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(pair) ?? expected('name=value pairs, separated by commas'))
    return Object.fromEntries(pairs.map(([, name, value]) => [name!, value!]))
  },
  show: (v) => Object.entries(v).map(([name, value]) => `${name}=${value}`).join(','),
}

const ip: OptionType<string> = { name: 'ip', read: (v) => (typeof v === 'string' && isIP(v) ? v : expected('an IP address')), show: (v) => v }

export interface PortRange {
  readonly from: number
  /** Included. */
  readonly to: number
}

const portRange: OptionType<PortRange> = {
  name: 'portRange',
  read(v) {
    if (typeof v === 'object' && v !== null && 'from' in v && 'to' in v) return { from: int.read(v.from), to: int.read(v.to) }
    const parts = typeof v === 'string' ? /^(\d+)(?:-(\d+))?$/.exec(v) : null
    if (!parts) return expected('a range of ports such as 30000-32767')
    return { from: Number(parts[1]), to: Number(parts[2] ?? parts[1]) }
  },
  show: ({ from, to }) => `${from}-${to}`,
}

export const types = { string, int, float, bool, duration, strings, map, ip, portRange }

/** An option: `option(types.int, 'secure-port', 6443, 'Where HTTPS is served.', port)`. */
export function option<T>(type: OptionType<T>, flag: string, value: T, help: string, check?: (value: T) => string | undefined): Option<T> {
  return { type, flag, default: value, help, ...(check ? { check } : {}) }
}

export const port = (value: number): string | undefined => (value >= 0 && value <= 65535 ? undefined : 'must be within 0-65535 (0: any free port)')
export const atLeast = (least: number) => (value: number): string | undefined => (value >= least ? undefined : `must be at least ${least}`)
export const oneOf = (...values: readonly string[]) => (value: string): string | undefined => (values.includes(value) ? undefined : `must be one of ${values.join(', ')}`)
