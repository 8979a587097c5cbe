import type { CelType } from '../contract'

/**
 * How values of the language are held. JSON stays as it is: null, booleans, texts, arrays, objects. A number is an int when it is
 * whole, otherwise a double; what that leaves open has a class: `Double` for whole doubles, bigint for ints beyond 2^53, `Uint`.
 * Maps that expressions make are `Map`, their keys as `mapKey` gives them.
 */
export class Double {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** `nanos` are 0 to 999,999,999 after `seconds` since 1970; `offset` (minutes) is how it was written, and is written again. */
export class Timestamp {
  readonly seconds: number
  readonly nanos: number
  readonly offset: number
  constructor(seconds: number, nanos: number, offset = 0) {
    this.seconds = seconds
    this.nanos = nanos
    this.offset = offset
  }
}

export class Duration {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export class Optional {
  static readonly none = new Optional(undefined)
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
  get hasValue(): boolean {
    return this !== Optional.none
  }
}

export class TypeValue {
  readonly name: string
  readonly type: CelType
  constructor(name: string, type: CelType) {
    this.name = name
    this.type = type
  }
}

/** A value of a library. */
export abstract class Opaque {
  abstract readonly typeName: string
  /** Called with values of the same type. */
  abstract equals(other: Opaque): boolean
  /** What `size` would say to the reckoning of costs. */
  get size(): number {
    return 1
  }
}

/** An object that an expression made by its name. */
export class Struct extends Opaque {
  readonly typeName: string
  readonly fields: Readonly<Record<string, unknown>>
  constructor(typeName: string, fields: Readonly<Record<string, unknown>>) {
    super()
    this.typeName = typeName
    this.fields = fields
  }
  equals(other: Opaque): boolean {
    return this === other
  }
}

export type MapValue = ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>

export const isInt = (value: unknown): value is number | bigint => (typeof value === 'number' ? Number.isInteger(value) : typeof value === 'bigint')
export const isDouble = (value: unknown): value is number | Double => (typeof value === 'number' ? !Number.isInteger(value) : value instanceof Double)
export const isNumber = (value: unknown): value is number | bigint | Double | Uint =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof Double || value instanceof Uint

export function isMap(value: unknown): value is MapValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (value instanceof Map) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A double of a number. */
export const double = (value: number): number | Double => (Number.isInteger(value) ? new Double(value) : value)
export const doubleValue = (value: number | Double): number => (typeof value === 'number' ? value : value.value)

/** An int of an exact value that is within int64. */
export const int = (value: bigint): number | bigint => (value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value)

export function typeNameOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return Number.isInteger(value) ? 'int' : 'double'
    case 'undefined':
      return 'null_type'
    default:
      if (value === null) return 'null_type'
      if (Array.isArray(value)) return 'list'
      if (isMap(value)) return 'map'
      if (value instanceof Opaque) return value.typeName
      if (value instanceof Double) return 'double'
      if (value instanceof Uint) return 'uint'
      if (value instanceof Timestamp) return 'google.protobuf.Timestamp'
      if (value instanceof Duration) return 'google.protobuf.Duration'
      if (value instanceof Optional) return 'optional_type'
      return value instanceof TypeValue ? 'type' : 'bytes'
  }
}

/** What stands for a key in a `Map`: numbers that are equal are one key. Undefined: nothing can be found by it. */
export function mapKey(key: unknown): unknown {
  if (typeof key === 'string' || typeof key === 'boolean') return key
  if (typeof key === 'number') return Number.isSafeInteger(key) ? key : Number.isInteger(key) ? BigInt(key) : undefined
  if (typeof key === 'bigint') return key
  if (key instanceof Uint) return int(key.value)
  if (key instanceof Double) return int(BigInt(key.value))
  return undefined
}

/** Undefined when the key is not there. */
export function mapGet(map: MapValue, key: unknown): unknown {
  if (map instanceof Map) {
    const found = map.get(mapKey(key)) as [key: unknown, value: unknown] | undefined
    return found?.[1]
  }
  if (typeof key !== 'string' || !Object.hasOwn(map, key)) return undefined
  const found = (map as Record<string, unknown>)[key]
  return typeof found === 'function' ? (found as () => unknown)() : found
}

export const mapHas = (map: MapValue, key: unknown): boolean =>
  (map instanceof Map ? map.has(mapKey(key)) : typeof key === 'string' && Object.hasOwn(map, key) && (map as Record<string, unknown>)[key] !== undefined)

export function mapKeys(map: MapValue): unknown[] {
  if (map instanceof Map) return Array.from((map as Map<unknown, [unknown, unknown]>).values(), ([key]) => key)
  const keys = Object.keys(map)
  return keys.some((key) => (map as Record<string, unknown>)[key] === undefined) ? keys.filter((key) => (map as Record<string, unknown>)[key] !== undefined) : keys
}

export const mapSize = (map: MapValue): number => (map instanceof Map ? map.size : mapKeys(map).length)

/** Characters, not UTF-16 units. */
export function characters(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit <= 0xdbff && i + 1 < text.length) {
      const next = text.charCodeAt(i + 1)
      if (next >= 0xdc00 && next <= 0xdfff) {
        count--
        i++
      }
    }
  }
  return count
}

/** What `size` says, undefined where it has nothing to say. */
export function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return characters(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return value.length
  if (value instanceof Uint8Array) return value.length
  return isMap(value) ? mapSize(value) : undefined
}
