// One step of a path, as the text that FieldsV1 has for it: `f:spec`, `k:{"name":"a"}`, `v:"x"`, `i:0`.
import type { Field, ListOf } from '../schema/schema'
import { isObject } from '#apimachinery/patch/json-kind'

export type Element = string

export const fieldElement = (name: string): Element => `f:${name}`
export const valueElement = (value: unknown): Element => `v:${elementJson(value)}`
export const indexElement = (index: number): Element => `i:${index}`

/** JSON as it stands inside elements: escaped for HTML too, so that the same value is always the same text. */
function elementJson(value: unknown): string {
  const text = JSON.stringify(value)
  return /[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : text
}

interface KeyPart {
  readonly name: string
  /** `"name":` */
  readonly head: string
  /** What stands in for a key that an item leaves out. */
  readonly absent: unknown
}
const keyParts = new WeakMap<ListOf, readonly KeyPart[]>()

function keyPartsOf(list: ListOf): readonly KeyPart[] {
  let parts = keyParts.get(list)
  if (!parts) {
    const fields = list.items.type === 'struct' ? list.items.fields : undefined
    parts = [...list.keys].sort().map((name) => ({ name, head: `${JSON.stringify(name)}:`, absent: standIn(fields?.get(name)) }))
    keyParts.set(list, parts)
  }
  return parts
}

/** A default, or the zero value of a field that is always written: the same item has the same key before and after defaulting. */
function standIn(field: Field | undefined): unknown {
  if (field?.default !== undefined) return field.default
  return field?.zero === 'always' && field.empty !== null ? field.empty : undefined
}

/** The element of an item in a list that merges by keys or values; a thrown text says what is wrong with it. */
export function itemElement(list: ListOf, item: unknown): Element {
  if (list.listType === 'set') {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return valueElement(item)
    if (Array.isArray(item)) throw new BadItem('not supported: associative list with lists as elements')
    throw new BadItem(item === null ? "associative list without keys has an element that's an explicit null" : "associative list without keys has an element that's a map type")
  }
  if (!isObject(item)) {
    throw new BadItem(item === null ? 'associative list with keys may not have a null element' : 'associative list with keys may not have non-map elements')
  }
  let text = ''
  for (const part of keyPartsOf(list)) {
    const value = item[part.name] === undefined ? part.absent : item[part.name]
    if (value === undefined) continue
    text += text === '' ? part.head : `,${part.head}`
    text += elementJson(value)
  }
  if (text === '') {
    throw new BadItem(`associative list with keys has an element that omits all key fields [${list.keys.map((k) => JSON.stringify(k)).join(' ')}] (and doesn't have default values for any key fields)`)
  }
  return `k:{${text}}`
}

/** An item that cannot be told apart from others. */
export class BadItem extends Error {}

/** For objects that were validated before: an item without an element is told apart by its place. */
export function itemElementOr(list: ListOf, item: unknown, index: number): Element {
  try {
    return itemElement(list, item)
  } catch (error) {
    if (error instanceof BadItem) return indexElement(index)
    throw error
  }
}

/** How messages show an element: `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function showElement(element: Element): string {
  const rest = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${rest}`
    case 'k':
      return `[${Object.entries(JSON.parse(rest) as object).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
    case 'v':
      return `[=${JSON.stringify(JSON.parse(rest))}]`
    default:
      return `[${rest}]`
  }
}

const kinds = 'fkvi'

/** The order in which FieldsV1 lists elements: fields, keys, values, indices; numbers by size. */
export function compareElements(a: Element, b: Element): number {
  const byKind = kinds.indexOf(a[0]!) - kinds.indexOf(b[0]!)
  if (byKind !== 0) return byKind
  if (a[0] === 'f') return compareText(a, b)
  const [left, right]: unknown[] = [JSON.parse(a.slice(2)), JSON.parse(b.slice(2))]
  return a[0] === 'k' ? compareKeys(left as object, right as object) : compareValues(left, right)
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function compareKeys(a: object, b: object): number {
  const [left, right] = [Object.entries(a), Object.entries(b)]
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareText(left[i]![0], right[i]![0]) || compareValues(left[i]![1], right[i]![1])
    if (order !== 0) return order
  }
  return left.length - right.length
}

function compareValues(a: unknown, b: unknown): number {
  const rank = (value: unknown): number => (typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2)
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'number') return a - (b as number)
  return compareText(String(a), String(b))
}

/** The same element in the one form that texts are compared in; `undefined` for a sort that is not known. Throws on bad JSON. */
export function canonicalElement(element: string): Element | undefined {
  const rest = element.slice(2)
  if (element[1] !== ':') throw new Error(`missing colon: ${element}`)
  switch (element[0]) {
    case 'f':
      return element
    case 'v':
      return valueElement(JSON.parse(rest))
    case 'k': {
      const key = JSON.parse(rest) as Record<string, unknown>
      return `k:{${Object.keys(key).sort().map((name) => `${JSON.stringify(name)}:${elementJson(key[name])}`).join(',')}}`
    }
    case 'i':
      return `i:${Number.parseInt(rest, 10)}`
    default:
      return undefined
  }
}
