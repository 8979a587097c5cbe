import { CelError } from './runtime/errors'
import { toText } from './runtime/conversions'
import { doubleValue, Duration, isDouble, isInt, isMap, mapGet, mapKeys, Optional, Timestamp, typeNameOf, TypeValue, Uint } from './runtime/values'

/** In tests: what is estimated where nothing limits it. */
export const unbounded = 2 ** 64

/** In tests: what an evaluation came to, as a text that tells types apart. */
export function shown(evaluate: () => unknown): string {
  try {
    return text(evaluate())
  } catch (error) {
    if (error instanceof CelError) return `error: ${error.message}`
    throw error
  }
}

function text(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'boolean' || isInt(value)) return String(value)
  if (isDouble(value)) return `double(${toText(value)})`
  if (value instanceof Uint) return `${value.value}u`
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`
  if (value instanceof Timestamp || value instanceof Duration) return `${typeNameOf(value)}(${toText(value)})`
  if (value instanceof Optional) return value.hasValue ? `optional(${text(value.value)})` : 'optional.none'
  if (Array.isArray(value)) return `[${value.map(text).join(',')}]`
  if (value instanceof TypeValue) return '<type>'
  if (!isMap(value)) return `<${typeNameOf(value)}>`
  return mapKeys(value).every((key) => typeof key === 'string') ? JSON.stringify(plain(value)) : 'map'
}

function plain(value: unknown): unknown {
  if (isDouble(value)) return doubleValue(value)
  return isMap(value) ? Object.fromEntries(mapKeys(value).map((key) => [String(key), plain(mapGet(value, key))])) : value
}
