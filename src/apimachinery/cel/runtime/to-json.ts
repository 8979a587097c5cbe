import { toText } from './conversions'
import { fail } from './errors'
import { Double, Duration, isMap, mapGet, mapKeys, Opaque, Optional, Struct, Timestamp, typeNameOf, Uint } from './values'

/** A value of an expression as JSON. Throws `CelError` for what JSON cannot say. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Double) return value.value
  if (value instanceof Uint) return Number(value.value)
  if (value instanceof Struct) return Object.fromEntries(Object.entries(value.fields).map(([name, field]) => [name, toJson(field)]))
  if (value instanceof Timestamp || value instanceof Duration) return toText(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Optional) return value.hasValue ? toJson(value.value) : null
  if (value instanceof Opaque || !isMap(value)) return fail(`unsupported conversion of ${typeNameOf(value)} to JSON`)
  return Object.fromEntries(mapKeys(value).map((key) => [typeof key === 'string' ? key : fail(`map key ${String(key)} is no string`), toJson(mapGet(value, key))]))
}
