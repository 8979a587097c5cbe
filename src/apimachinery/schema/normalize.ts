import { QuantityError, canonicalQuantity } from '../quantity'
import { TimeError, canonicalMicroTime, canonicalTime } from '../time'
import { DecodeError, goTypeOf, mismatch } from './decode-error'
import { fillBelow, fillStruct, isZero } from './fill'
import {
  booleanKind, bytesKind, doubleKind, eitherKind, int32Kind, int64Kind, intOrStringKind, listKind, mapKind, microTimeKind, nodeOf, quantityKind, stringKind,
  structKind, timeKind, untypedKind,
} from './plan'
import type { Node, StructPlan } from './plan'
import type { Schema } from './schema'

export interface NormalizeOptions {
  /** Fill in constant defaults. */
  readonly defaults: boolean
  /** Write what is always written even where it is empty; true unless said otherwise. */
  readonly always?: boolean
  /** Called for each unknown field with its path: `spec.containers[0].foo`. They are dropped in any case. */
  readonly unknown?: (path: string) => void
  /**
   * What the object was before, normal and deeply frozen, where the two share parts: what is the same object at the same place is not
   * looked at again, and what is frozen is copied before it is changed. The object itself is not frozen.
   */
  readonly before?: object
}

type Plain = Record<string, unknown>

/**
 * Does to a decoded JSON object what decoding it into a Go struct, defaulting it and encoding it again would do, in place and
 * in one walk: drops unknown fields and nulls, drops zero values or keeps them as the field's rule says, writes quantities and times in
 * their canonical form, and fills in defaults. Throws DecodeError with Go's text where a value does not fit.
 */
export function normalize(schema: Schema, object: object, options: NormalizeOptions): void {
  const node = nodeOf(schema)
  if (node.kind !== structKind) throw new TypeError(`only structs are normalized, not ${schema.type}`)
  const walk = new Walk(options)
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw mismatch(object, goTypeOf(schema), undefined, [])
  walk.struct(node.struct!, object as Plain, options.before as Plain | undefined)
}

/**
 * Fills in what is absent, and nothing else: after admission or conversion has changed a normalized object. What is the same object as at
 * the same place of `before`, which has its defaults and is frozen, is not looked at.
 */
export function applyDefaults(schema: Schema, object: object, before?: object): void {
  fillBelow(nodeOf(schema), object, true, true, before)
}

/** The larger of the neighbours of 2^63 that a reader of int64 still accepts. */
const largestInt64 = 2 ** 63 - 1024

class Walk {
  readonly #defaults: boolean
  readonly #always: boolean
  readonly #shares: boolean
  readonly #unknown: ((path: string) => void) | undefined
  /** Fields, keys and places from the root down to where the walk is; texts are made of them only when something is wrong. */
  readonly #path: (string | number)[] = []
  /** For each segment of the path, the struct whose field it names; undefined for keys of maps and places in lists. */
  readonly #owners: (StructPlan | undefined)[] = []
  #depth = 0

  constructor({ defaults, always = true, unknown, before }: NormalizeOptions) {
    this.#defaults = defaults
    this.#always = always
    this.#shares = before !== undefined
    this.#unknown = unknown
  }

  struct(plan: StructPlan, object: Plain, before: Plain | undefined): void {
    const depth = this.#depth
    const { fields } = plan
    for (const key in object) {
      const field = fields.get(key)
      if (field === undefined) {
        if (!plan.preserveUnknown) {
          this.#depth = depth
          this.#unknown?.(this.#textWith(key))
          delete object[key]
        }
        continue
      }
      const value = object[key]
      // Undefined: an in-process caller left it out in TypeScript's way.
      if (value === null || value === undefined) {
        delete object[key]
        continue
      }
      if (before !== undefined && before[key] === value) continue
      this.#path[depth] = key
      this.#owners[depth] = plan
      this.#depth = depth + 1
      let result: unknown = value
      if (field.kind === stringKind) {
        if (typeof value !== 'string') throw this.#mismatch(value, field.node)
      } else if (field.kind === structKind) {
        if (typeof value !== 'object' || Array.isArray(value)) throw this.#mismatch(value, field.node)
        const own = this.#shares ? ownMap(value as Plain) : (value as Plain)
        if (own !== value) object[key] = own
        this.struct(field.node.struct!, own, below(before, key))
        continue
      } else {
        result = this.#value(field.node, value, before === undefined ? undefined : before[key])
        if (result !== value) {
          if (result === null) {
            delete object[key]
            continue
          }
          object[key] = result
        }
      }
      if (field.drop && (result === '' || result === 0 || result === false || (typeof result === 'object' && isEmpty(field.kind, result as object)))) delete object[key]
    }
    this.#depth = depth
    if (plan.fill.length > 0) fillStruct(plan, object, this.#defaults, this.#always)
  }

  /** The value as it is written. `value` is not null; `before` is what stood there. */
  #value(node: Node, value: unknown, before: unknown): unknown {
    switch (node.kind) {
      case stringKind:
        if (typeof value !== 'string') throw this.#mismatch(value, node)
        return value
      case booleanKind:
        if (typeof value !== 'boolean') throw this.#mismatch(value, node)
        return value
      case int32Kind:
        if (typeof value !== 'number' || (value | 0) !== value) throw this.#mismatch(value, node)
        return value
      case int64Kind:
        if (typeof value !== 'number' || !Number.isInteger(value) || value > 2 ** 63 || value < -(2 ** 63)) throw this.#mismatch(value, node)
        return value === 2 ** 63 ? largestInt64 : value
      case doubleKind:
        if (typeof value !== 'number') throw this.#mismatch(value, node)
        return value
      case bytesKind:
        if (typeof value !== 'string') throw this.#mismatch(value, node)
        return checkedBase64(value)
      case timeKind:
      case microTimeKind:
        if (typeof value !== 'string') throw this.#mismatch(value, node, 'string')
        return this.#own(() => (node.kind === timeKind ? canonicalTime(value) : canonicalMicroTime(value)))
      case quantityKind:
        return this.#own(() => canonicalQuantity(typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)))
      case intOrStringKind:
        if (typeof value !== 'string' && (typeof value !== 'number' || (value | 0) !== value)) throw this.#mismatch(value, node, 'int32')
        return value
      case structKind: {
        if (typeof value !== 'object' || Array.isArray(value)) throw this.#mismatch(value, node)
        const own = this.#shares ? ownMap(value as Plain) : (value as Plain)
        this.struct(node.struct!, own, mapOf(before))
        return own
      }
      case listKind: {
        if (!Array.isArray(value)) throw this.#mismatch(value, node)
        const own: unknown[] = this.#shares && Object.isFrozen(value) ? value.slice() : value
        this.#list(node.item!, own, Array.isArray(before) ? before : undefined)
        return own
      }
      case mapKind: {
        if (typeof value !== 'object' || Array.isArray(value)) throw this.#mismatch(value, node)
        const own = this.#shares ? ownMap(value as Plain) : (value as Plain)
        this.#map(node.item!, own, mapOf(before))
        return own
      }
      case eitherKind:
        return this.#either(node, value, before)
      case untypedKind:
        return value
      default:
        throw new TypeError(`a schema of the unknown kind ${node.kind}`)
    }
  }

  #list(item: Node, list: unknown[], before: readonly unknown[] | undefined): void {
    const depth = this.#depth
    this.#owners[depth] = undefined
    this.#depth = depth + 1
    for (let i = 0; i < list.length; i++) {
      const value = list[i]
      // Items of one list are of one type: wherever it stood, it is normal.
      if (before !== undefined && (before[i] === value || (Object.isFrozen(value) && typeof value === 'object' && before.includes(value)))) continue
      this.#path[depth] = i
      if (value === null) list[i] = this.#zero(item)
      else {
        const result = this.#value(item, value, before === undefined ? undefined : before[i])
        if (result !== value) list[i] = result
      }
      this.#depth = depth + 1
    }
    this.#depth = depth
  }

  #map(item: Node, map: Plain, before: Plain | undefined): void {
    const depth = this.#depth
    this.#owners[depth] = undefined
    this.#depth = depth + 1
    for (const key in map) {
      const value = map[key]
      if (before !== undefined && before[key] === value) continue
      this.#path[depth] = key
      if (value === null) map[key] = this.#zero(item)
      else if (item.kind === stringKind) {
        if (typeof value !== 'string') throw this.#mismatch(value, item)
      } else {
        const result = this.#value(item, value, before === undefined ? undefined : before[key])
        if (result !== value) map[key] = result
        this.#depth = depth + 1
      }
    }
    this.#depth = depth
  }

  /** What a null in a list or a map leaves behind in Go: the zero value of the item. */
  #zero(node: Node): unknown {
    switch (node.kind) {
      case stringKind:
        return ''
      case booleanKind:
        return false
      case int32Kind:
      case int64Kind:
      case doubleKind:
      case intOrStringKind:
        return 0
      case quantityKind:
        return '0'
      case structKind: {
        const empty: Plain = {}
        fillBelow(node, empty, this.#defaults, this.#always)
        return empty
      }
      default:
        return null
    }
  }

  #either(node: Node, value: unknown, before: unknown): unknown {
    const wanted = Array.isArray(value) ? listKind : typeof value === 'object' ? structKind : typeof value === 'boolean' ? booleanKind : stringKind
    const chosen = node.either.find((candidate) => candidate.kind === wanted)
    if (chosen) return this.#value(chosen, value, before)
    throw new DecodeError(node.either.some((candidate) => candidate.kind === booleanKind) ? 'boolean or JSON schema expected' : 'JSON schema expected')
  }

  /** Types that decode themselves have errors of their own, without a path. */
  #own<T>(read: () => T): T {
    try {
      return read()
    } catch (cause) {
      if (cause instanceof QuantityError || cause instanceof TimeError) throw new DecodeError(cause.message, { cause })
      throw cause
    }
  }

  /** Go names the innermost struct, and joins the names of fields alone: keys and places do not show. */
  #mismatch(value: unknown, node: Node, goType = goTypeOf(node.schema)): DecodeError {
    const fields: string[] = []
    let owner: string | undefined
    for (let i = 0; i < this.#depth; i++) {
      const plan = this.#owners[i]
      if (plan === undefined) continue
      owner = plan.name
      fields.push(String(this.#path[i]))
    }
    return mismatch(value, goType, owner, fields)
  }

  #textWith(field: string): string {
    let text = ''
    for (let i = 0; i < this.#depth; i++) {
      const segment = this.#path[i]!
      text += typeof segment === 'number' ? `[${segment}]` : text === '' ? segment : `.${segment}`
    }
    return text === '' ? field : `${text}.${field}`
  }
}

const ownMap = (map: Plain): Plain => (Object.isFrozen(map) ? { ...map } : map)
const mapOf = (value: unknown): Plain | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : undefined)
const below = (before: Plain | undefined, key: string): Plain | undefined => (before === undefined ? undefined : mapOf(before[key]))

/** Lists and maps without items; a struct that was given stays, since it is a pointer in the original. */
function isEmpty(kind: number, value: object): boolean {
  if (kind === listKind) return isZero(value)
  if (kind !== mapKind) return false
  for (const _ in value) return false
  return true
}

function checkedBase64(text: string): string {
  const clean = text.includes('\n') || text.includes('\r') ? text.replaceAll(/[\r\n]/g, '') : text
  if (clean.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(clean)) return clean
  throw new DecodeError(`illegal base64 data at input byte ${firstWrong(clean)}`)
}

/** The byte at which Go's decoder gives up. */
function firstWrong(text: string): number {
  const strange = /[^A-Za-z0-9+/]/.exec(text)?.index ?? text.length
  if (text[strange] !== '=') return strange === text.length ? text.length - (text.length % 4) : strange
  const inQuad = strange % 4
  if (inQuad < 2) return strange
  if (inQuad === 3) return strange + 1
  return text[strange + 1] === '=' ? strange + 2 : strange + 1
}
