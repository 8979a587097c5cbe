import { fail } from './errors'
import { plainFloat, shortestFloat } from './go-numbers'
import { formatTimestamp, duration, parseDuration, parseTimestamp, timestamp } from './time'
import { double, doubleValue, Duration, int, isDouble, isInt, Timestamp, typeNameOf, Uint } from './values'

const impossible = (value: unknown, to: string): never => fail(`type conversion error from '${typeNameOf(value)}' to '${to}'`)

/** Whole doubles from here on are beyond what a 64-bit integer holds. */
const beyondInt = 2 ** 63
const beyondUint = 2 ** 64

export function toInt(value: unknown): number | bigint {
  if (isInt(value)) return value
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value)) return impossible(value, 'int')
    const found = BigInt(value.replace(/^\+/, ''))
    return BigInt.asIntN(64, found) === found ? int(found) : impossible(value, 'int')
  }
  if (isDouble(value)) {
    const number = doubleValue(value)
    if (Number.isNaN(number) || number <= -beyondInt || number >= beyondInt) fail('integer overflow')
    return int(BigInt(Math.trunc(number)))
  }
  if (value instanceof Uint) return value.value >= 2n ** 63n ? fail('integer overflow') : int(value.value)
  if (value instanceof Timestamp) return value.seconds
  return value instanceof Duration ? int(value.nanos) : impossible(value, 'int')
}

export function toUint(value: unknown): Uint {
  if (value instanceof Uint) return value
  if (isInt(value)) return BigInt(value) < 0n ? fail('unsigned integer overflow') : new Uint(BigInt(value))
  if (typeof value === 'string') {
    if (!/^\d+$/.test(value)) return impossible(value, 'uint')
    const found = BigInt(value)
    return found < 2n ** 64n ? new Uint(found) : impossible(value, 'uint')
  }
  if (isDouble(value)) {
    const number = doubleValue(value)
    if (Number.isNaN(number) || number < 0 || number >= beyondUint) fail('unsigned integer overflow')
    return new Uint(BigInt(Math.trunc(number)))
  }
  return impossible(value, 'uint')
}

export function toDouble(value: unknown): unknown {
  if (isDouble(value)) return value
  if (isInt(value)) return double(Number(value))
  if (value instanceof Uint) return double(Number(value.value))
  if (typeof value !== 'string') return impossible(value, 'double')
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) {
    const found = Number(value)
    return Number.isFinite(found) ? double(found) : impossible(value, 'double')
  }
  if (/^[+-]?inf(?:inity)?$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity
  return /^nan$/i.test(value) ? NaN : impossible(value, 'double')
}

export function toText(value: unknown): string {
  if (typeof value === 'string') return value
  if (isInt(value) || typeof value === 'boolean') return String(value)
  if (isDouble(value)) return shortestFloat(doubleValue(value))
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof Duration) return `${plainFloat(Number(value.nanos) / 1e9)}s`
  if (!(value instanceof Uint8Array)) return impossible(value, 'string')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
  } catch {
    return fail('invalid UTF-8 in bytes, cannot convert to string')
  }
}

export const toBytes = (value: unknown): Uint8Array =>
  (value instanceof Uint8Array ? value : typeof value === 'string' ? new TextEncoder().encode(value) : impossible(value, 'bytes'))

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const lies = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

export function toBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && truths.has(value)) return true
  return typeof value === 'string' && lies.has(value) ? false : impossible(value, 'bool')
}

export function toDuration(value: unknown): Duration {
  if (value instanceof Duration) return value
  if (isInt(value)) return duration(BigInt(value))
  return (typeof value === 'string' ? parseDuration(value) : undefined) ?? impossible(value, 'google.protobuf.Duration')
}

export function toTimestamp(value: unknown): Timestamp {
  if (value instanceof Timestamp) return value
  if (isInt(value)) return timestamp(Number(value), 0)
  return (typeof value === 'string' ? parseTimestamp(value) : undefined) ?? impossible(value, 'google.protobuf.Timestamp')
}
