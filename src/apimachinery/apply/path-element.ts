// One step of a path, as the text that FieldsV1 has for it: `f:spec`, `k:{"name":"a"}`, `v:"x"`, `i:0`.
import type { ListOf, Struct } from '../schema/schema'
import { publishedDefaults } from '#apimachinery/openapi/published-defaults'
import { isObject } from '#apimachinery/patch/json-kind'

export type Element = string

export const fieldElement = (name: string): Element => `f:${name}`
export const valueElement = (value: unknown): Element => `v:${elementJson(value)}`
export const indexElement = (index: number): Element => `i:${index}`

/** Needs no escaping, neither in JSON nor in JSON within JSON. */
const plain = /^[\w .:/@*()+,;=-]*$/

/** JSON as it stands inside elements: escaped for HTML too, so that the same value is always the same text. */
function elementJson(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string' && plain.test(value)) return `"${value}"`
  const text = JSON.stringify(value)
  return /[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : text
}

interface KeyPart {
  readonly name: string
  /** `"name":` */
  readonly head: string
  /** `\"name\":` */
  readonly quotedHead: string
  /** What stands in for a key that an item leaves out. */
  readonly absent: unknown
}
const keyParts = new WeakMap<ListOf, readonly KeyPart[]>()

function keyPartsOf(list: ListOf): readonly KeyPart[] {
  let parts = keyParts.get(list)
  if (!parts) {
    const struct = list.items.type === 'struct' ? list.items : undefined
    parts = [...list.keys].sort().map((name) => ({ name, head: `"${name}":`, quotedHead: `\\"${name}\\":`, absent: standIn(struct, name) }))
    keyParts.set(list, parts)
  }
  return parts
}

/** A default, or the zero value of a field that is always written: the same item has the same key before and after defaulting. */
function standIn(struct: Struct | undefined, name: string): unknown {
  const field = struct?.fields.get(name)
  if (field?.default !== undefined) return field.default
  if (field?.zero === 'always' && field.empty !== null) return field.empty
  return struct?.origin === undefined ? undefined : publishedDefaults[`${struct.name}.${name}`]
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

/** The element as the key of a JSON object: quotes are escaped. */
export function quotedItemElement(list: ListOf, item: unknown, index: number): string {
  if (list.listType === 'set') return typeof item === 'string' && plain.test(item) ? `"v:\\"${item}\\""` : JSON.stringify(itemElementOr(list, item, index))
  let text = ''
  if (isObject(item)) {
    for (const part of keyPartsOf(list)) {
      const value = item[part.name] ?? part.absent
      if (value === undefined) continue
      if (typeof value === 'string' && plain.test(value)) text += `${text === '' ? '' : ','}${part.quotedHead}\\"${value}\\"`
      else if (typeof value === 'number') text += `${text === '' ? '' : ','}${part.quotedHead}${value}`
      else return JSON.stringify(itemElementOr(list, item, index))
    }
  }
  return text === '' ? JSON.stringify(itemElementOr(list, item, index)) : `"k:{${text}}"`
}

/** The order of two items in FieldsV1, told by their keys or values without making elements. */
export function compareItems(list: ListOf, a: unknown, b: unknown): number {
  if (list.listType === 'set') return compareValues(a, b)
  if (!isObject(a) || !isObject(b)) return 0
  for (const { name, absent } of keyPartsOf(list)) {
    const left = a[name] ?? absent
    const right = b[name] ?? absent
    if (left === right) continue
    // Who leaves a key out has the shorter list of keys, or goes by the next one's name.
    if (left === undefined || right === undefined) return compareElements(itemElementOr(list, a, 0), itemElementOr(list, b, 0))
    return compareValues(left, right)
  }
  return 0
}

/** For objects that were validated before: an item without an element is told apart by its place. */
export function itemElementOr(list: ListOf, item: unknown, index: number): Element {
  try {
    return itemElement(list, item)
  } catch (error) {
    if (error instanceof BadItem) return indexElement(index)
    throw error
  }
}

/** Maps, which no key is, are shown without what would make them maps. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`
  return isObject(value) ? Object.entries(value).map(([name, inner]) => `${name}=${valueText(inner)}`).join('') : JSON.stringify(value)
}

/** How messages show an element: `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function showElement(element: Element): string {
  const rest = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${rest}`
    case 'k':
      return `[${Object.entries(JSON.parse(rest) as object).map(([name, value]) => `${name}=${valueText(value)}`).join(',')}]`
    case 'v':
      return `[=${valueText(JSON.parse(rest))}]`
    default:
      return `[${rest}]`
  }
}

const kinds = 'fkvi'

/** The order in which FieldsV1 lists elements: fields, keys, values, indices; numbers by size. */
export function compareElements(a: Element, b: Element): number {
  if (a[0] === 'f' && b[0] === 'f') return compareText(a, b)
  const byKind = kinds.indexOf(a[0]!) - kinds.indexOf(b[0]!)
  if (byKind !== 0) return byKind
  const left = contentOf(a)
  const right = contentOf(b)
  return a[0] === 'k' ? compareKeys(left as object, right as object) : compareValues(left, right)
}

const contents = new Map<Element, unknown>()
/** Keys and values of elements, which come again and again: names of containers, types of conditions. */
function contentOf(element: Element): unknown {
  let content = contents.get(element)
  if (content === undefined) {
    content = JSON.parse(element.slice(2)) as unknown
    if (contents.size < 5_000) contents.set(element, content)
  }
  return content
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

const rank = (value: unknown): number => (typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2)

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'number') return a - (b as number)
  return compareText(JSON.stringify(a), JSON.stringify(b))
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
