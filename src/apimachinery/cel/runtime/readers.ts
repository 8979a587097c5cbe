import type { CelType } from '../contract'
import { fail } from './errors'
import { parseDuration, parseTimestamp, timestamp } from './time'
import { Double, isMap, mapGet, mapKey, mapKeys } from './values'

/** Makes of a value in JSON the value of its type; what is of that type already stays. */
export type Reader = (value: unknown) => unknown

const readDouble: Reader = (value) => (typeof value === 'number' && Number.isInteger(value) ? new Double(value) : value)

const readTimestamp: Reader = (value) => {
  if (typeof value !== 'string') return value
  const found = parseTimestamp(value)
  if (found) return found
  const milliseconds = Date.parse(value)
  return Number.isNaN(milliseconds) ? fail(`Invalid date-time: ${value}`) : timestamp(Math.floor(milliseconds / 1000), (((milliseconds % 1000) + 1000) % 1000) * 1_000_000)
}

const readDuration: Reader = (value) => (typeof value === 'string' ? parseDuration(value) ?? fail(`Invalid duration ${value}`) : value)
const readBytes: Reader = (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value)

const known = new WeakMap<CelType, Reader | null>()

/** Undefined for the many types that are in JSON what they are here. */
export function readerOf(type: CelType): Reader | undefined {
  let found = known.get(type)
  if (found === undefined) {
    found = makeReader(type) ?? null
    known.set(type, found)
  }
  return found ?? undefined
}

function makeReader(type: CelType): Reader | undefined {
  switch (type.sort) {
    case 'double':
      return readDouble
    case 'timestamp':
      return readTimestamp
    case 'duration':
      return readDuration
    case 'bytes':
      return readBytes
    case 'list': {
      const item = readerOf(type.item)
      return item && ((value) => (Array.isArray(value) ? value.map(item) : value))
    }
    case 'map': {
      const entry = readerOf(type.value)
      return entry && ((value) => (isMap(value) ? new Map(mapKeys(value).map((key) => [mapKey(key), [key, entry(mapGet(value, key))]])) : value))
    }
    default:
      return undefined
  }
}
