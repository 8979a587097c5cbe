import { fail, noSuchOverload } from './errors'
import { work } from './work'
import { Double, Duration, isInt, isMap, isNumber, mapGet, mapHas, mapKeys, mapSize, type MapValue, Opaque, Optional, Timestamp, TypeValue, Uint } from './values'

/** Ordered as bytes are, as texts in Go: by code points, which UTF-16 units beyond the plane of surrogates are not. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x === y) continue
    const [surrogateX, surrogateY] = [x >= 0xd800 && x <= 0xdfff, y >= 0xd800 && y <= 0xdfff]
    if (surrogateX !== surrogateY) return surrogateX ? 1 : -1
    return x < y ? -1 : 1
  }
  return a.length < b.length ? -1 : 1
}

const order = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

type Numeric = number | bigint | Double | Uint
const plain = (value: Numeric): number | bigint => (value instanceof Double || value instanceof Uint ? value.value : value)

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return order(a[i]!, b[i]!)
  return order(a.length, b.length)
}

/** Numbers of all types compare by their values, as JavaScript compares numbers with bigints. */
export function compare(a: unknown, b: unknown, operator: string): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) fail('NaN values cannot be ordered')
    return a < b ? -1 : a > b ? 1 : 0
  }
  if (typeof a === 'string') return typeof b === 'string' ? compareTexts(a, b) : noSuchOverload()
  if (isNumber(a)) {
    if (!isNumber(b)) return noSuchOverload()
    const [x, y] = [plain(a), plain(b)]
    if (Number.isNaN(x) || Number.isNaN(y)) fail('NaN values cannot be ordered')
    return order(x, y)
  }
  if (typeof a === 'boolean') return typeof b === 'boolean' ? order(a, b) : noSuchOverload()
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : noSuchOverload()
  if (a instanceof Timestamp) return b instanceof Timestamp ? order(a.seconds, b.seconds) || order(a.nanos, b.nanos) : noSuchOverload()
  if (a instanceof Duration) return b instanceof Duration ? order(a.nanos, b.nanos) : noSuchOverload()
  return fail(`no such overload: ${operator}`)
}

/** An int that came in JSON is rounded beyond 2^53: then what it is compared with is, too. */
function sameNumber(a: number | bigint, b: number | bigint): boolean {
  if (typeof a === 'bigint' && typeof b === 'number') return sameNumber(b, a)
  // oxlint-disable-next-line eqeqeq
  return a == b || (typeof a === 'number' && typeof b === 'bigint' && !Number.isSafeInteger(a) && Number(b) === a)
}

function sameEntries(a: MapValue, b: MapValue): boolean {
  const keys = mapKeys(a)
  work(keys.length)
  return keys.length === mapSize(b) && keys.every((key) => mapHas(b, key) && equal(mapGet(a, key), mapGet(b, key)))
}

/** Values of types that have nothing in common are not equal, which is no error. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return !Number.isNaN(a)
  switch (typeof a) {
    case 'string':
    case 'boolean':
      return false
    case 'number':
    case 'bigint':
      return isNumber(b) && sameNumber(a, plain(b))
    case 'function':
      return false
    default:
  }
  if (a === null || a === undefined) return b === null || b === undefined
  if (a instanceof Opaque && b !== null && b !== undefined) return b instanceof Opaque && a.typeName === b.typeName ? a.equals(b) : noSuchOverload()
  if (b === null || typeof b !== 'object') return typeof b === 'number' || typeof b === 'bigint' ? equal(b, a) : false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    work(a.length)
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false
    return true
  }
  // oxlint-disable-next-line eqeqeq
  if (a instanceof Double || a instanceof Uint) return (b instanceof Double || b instanceof Uint) && plain(a) == plain(b)
  if (isMap(a)) return isMap(b) && sameEntries(a, b)
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0
  if (a instanceof Timestamp) return b instanceof Timestamp && a.seconds === b.seconds && a.nanos === b.nanos
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos
  if (a instanceof Optional) return b instanceof Optional && a.hasValue === b.hasValue && (!a.hasValue || equal(a.value, b.value))
  return a instanceof TypeValue && b instanceof TypeValue && a.name === b.name
}

export const sameType = (a: unknown, b: unknown): boolean => isInt(a) === isInt(b) && typeof a === typeof b && Object.getPrototypeOf(a) === Object.getPrototypeOf(b)
