import { fail } from './errors'
import { isDouble, isInt, isMap, doubleValue, mapGet, mapHas, mapKey, Struct, typeNameOf, Uint } from './values'

const absent = Symbol('absent')

/** What is at a key or place, or `absent`; faults are thrown. */
function find(container: unknown, key: unknown): unknown {
  if (typeof key === 'string' && typeof container === 'object' && container !== null && Object.getPrototypeOf(container) === Object.prototype) {
    const found = (container as Record<string, unknown>)[key]
    if (found === undefined || !Object.hasOwn(container, key)) return absent
    return typeof found === 'function' ? (found as () => unknown)() : found
  }
  if (Array.isArray(container)) {
    const place = placeOf(key)
    return place >= 0 && place < container.length ? (container[place] as unknown) : absent
  }
  if (container instanceof Map) {
    const found = (container as ReadonlyMap<unknown, readonly [unknown, unknown]>).get(mapKey(key))
    return found ? found[1] : absent
  }
  if (container instanceof Struct) return find(container.fields, key)
  return isMap(container) && mapHas(container, key) ? mapGet(container, key) : absent
}

function placeOf(key: unknown): number {
  if (isInt(key)) return Number(key)
  if (key instanceof Uint) return Number(key.value)
  if (!isDouble(key)) return fail(`unsupported index type '${typeNameOf(key)}' in list`)
  const place = doubleValue(key)
  return Number.isInteger(place) ? place : fail(`unsupported index value ${place} in list`)
}

const shown = (key: unknown): string => (key instanceof Uint ? String(key.value) : isDouble(key) ? String(doubleValue(key)) : String(key))

export function select(container: unknown, key: unknown): unknown {
  const found = find(container, key)
  if (found !== absent) return found
  return fail(Array.isArray(container) ? `index out of bounds: ${shown(key)}` : `no such key: ${shown(key)}`)
}

/** Undefined where nothing is. */
export function selectIfThere(container: unknown, key: unknown): unknown {
  const found = find(container, key)
  return found === absent ? undefined : found
}

export const isThere = (container: unknown, key: unknown): boolean => find(container, key) !== absent
