import { isMap, mapGet, mapKeys, mapSize, Opaque, Optional, characters } from '../runtime/values'
import { byteLength } from '../../names'

/** What a call costs: always the same, or by its first two arguments, or by its result. */
export type CallCost =
  | { readonly fixed: number }
  | { readonly byArgs: (a: unknown, b: unknown) => number }
  | { readonly byResult: (result: unknown) => number }

const perCharacter = 0.1
const perPatternCharacter = 0.25
export const listCost = 10
export const mapCost = 30
export const structCost = 40

/** An authorization check is dear on purpose: a call may make two. */
const checkCost = 350_000

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return characters(value)
  if (typeof value !== 'object' || value === null) return 1
  if (Array.isArray(value)) return value.length
  if (value instanceof Opaque) return value.size
  if (value instanceof Uint8Array) return value.length
  return isMap(value) ? mapSize(value) : 1
}

const sizeWithin = (value: unknown): number => (value instanceof Optional && value.hasValue ? sizeWithin(value.value) : sizeOf(value))

/** Walking a value through. */
function traversal(value: unknown): number {
  if (typeof value === 'string') return Math.trunc(byteLength(value) * perCharacter)
  if (value instanceof Uint8Array) return Math.trunc(value.length * perCharacter)
  let cost = 0
  if (Array.isArray(value)) {
    for (const item of value) cost += traversal(item)
    return cost
  }
  if (!isMap(value)) return 1
  for (const key of mapKeys(value)) cost += traversal(key) + traversal(mapGet(value, key))
  return cost
}

const fixed = (cost: number): CallCost => ({ fixed: cost })
const one = fixed(1)
const walked = (factor: number): CallCost => ({ byArgs: (a) => Math.ceil(sizeOf(a) * factor * perCharacter) })
const matched: CallCost = { byArgs: (text, pattern) => Math.ceil((1 + sizeOf(text)) * perCharacter) * Math.ceil(sizeOf(pattern) * perPatternCharacter) }
const shorter: CallCost = { byArgs: (a, b) => Math.ceil(Math.min(sizeWithin(a), sizeWithin(b)) * perCharacter) }
const both: CallCost = { byArgs: (a, b) => Math.ceil((sizeWithin(a) + sizeWithin(b)) * perCharacter) }
const selector: CallCost = {
  byArgs: (_, text) => listCost + Math.ceil(sizeOf(text) * perCharacter) + Math.ceil(Math.ceil(sizeOf(text) * 0.5) * (listCost + structCost)),
}
const allocated = (factor: number): CallCost => ({ byResult: (result) => Math.trunc(sizeOf(result) * factor) + 1 + listCost })
const compared = (list: (a: unknown, b: unknown) => unknown): CallCost => ({
  byArgs: (a, b) => {
    const items = list(a, b) as readonly unknown[]
    const dear = typeof items[0] === 'string' || items[0] instanceof Uint8Array
    return Math.trunc(items.length * items.length * (dear ? 2 + perCharacter : 2)) + 1 + listCost
  },
})
const crossed = (factor: number): CallCost => ({ byArgs: (a, b) => 1 + Math.trunc(sizeOf(a) * sizeOf(b) * factor) })

/** cel-go's extensions, by overload: these come before what Kubernetes says. */
const byExtension: Readonly<Record<string, CallCost>> = {
  list_slice: allocated(1), list_reverse: allocated(1), lists_range: allocated(1),
  list_flatten: { byArgs: (list) => Math.trunc(sizeOf(list)) + 1 + listCost },
  list_flatten_int: { byArgs: (list, depth) => Math.trunc(sizeOf(list) * Number(depth)) + 1 + listCost },
  list_distinct: compared((list) => list), list_sets_contains_list: crossed(1), list_sets_intersects_list: crossed(1), list_sets_equivalent_list: crossed(2),
}

/** Kubernetes' reckoning, by function. */
const byFunction: Readonly<Record<string, CallCost | ((overload: string) => CallCost | undefined)>> = {
  check: fixed(checkCost), fieldSelector: selector, labelSelector: selector,
  ...Object.fromEntries(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map((name) => [name, { byArgs: traversal }])),
  ...Object.fromEntries(['url', 'lowerAscii', 'upperAscii', 'substring', 'trim', 'jsonpatch.escapeKey', 'cidr', 'isIP', 'isCIDR',
    'quantity', 'isQuantity', 'semver', 'isSemver'].map((name) => [name, walked(1)])),
  replace: walked(2), split: walked(2), 'ip.isCanonical': walked(2), join: { byResult: (text) => Math.ceil(sizeOf(text) * 2 * perCharacter) },
  find: matched, findAll: matched, ip: (overload) => (overload === 'cidr_ip' ? one : walked(1)),
  containsIP: (overload) => ({
    byArgs: (cidr, other) => Math.ceil(2 * sizeOf(cidr) * perCharacter) + (overload === 'cidr_contains_ip_string' ? Math.ceil(sizeOf(other) * perCharacter) : 0),
  }),
  containsCIDR: (overload) => ({
    byArgs: (cidr, other) => Math.ceil(2 * sizeOf(cidr) * perCharacter) + Math.ceil(sizeOf(cidr) * perCharacter) + 1
      + (overload === 'cidr_contains_cidr_string' ? Math.ceil(sizeOf(other) * perCharacter) : 0),
  }),
  validate: { byArgs: (format, text) => Math.ceil((1 + sizeOf(text)) * perCharacter) * Math.ceil((format as { maxRegexSize?: number }).maxRegexSize! * perPatternCharacter) },
}

const walkedFirst: CallCost = { byArgs: (a) => Math.ceil(sizeWithin(a) * perCharacter) }

/** cel-go's own, by overload. */
const byOverload: Readonly<Record<string, CallCost>> = {
  ...Object.fromEntries(['starts_with_string', 'ends_with_string', 'string_to_bytes', 'bytes_to_string', 'strings_quote', 'string_format'].map((id) => [id, walkedFirst])),
  in_list: { byArgs: (_, list) => sizeWithin(list) },
  ...Object.fromEntries(['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) => [[`${name}_string`, shorter], [`${name}_bytes`, shorter]])),
  add_string: both, add_bytes: both,
  matches_string: matched,
  contains_string: { byArgs: (text, part) => Math.ceil(sizeWithin(text) * perCharacter) * Math.ceil(sizeWithin(part) * perCharacter) },
  not_equals: shorter,
  // Values of libraries are compared at once, whatever they hold.
  equals: { byArgs: (a, b) => (a instanceof Opaque ? 1 : Math.ceil(Math.min(sizeWithin(a), sizeWithin(b)) * perCharacter)) },
}

/** `overload` is empty where several were possible. */
export function callCost(name: string, overload: string): CallCost {
  const extension = byExtension[overload] ?? (/^list_\w+_sort$/.test(overload) ? compared((list) => list)
    : overload.endsWith('_sortByAssociatedKeys') ? compared((_, keys) => keys) : undefined)
  if (extension) return extension
  const found = Object.hasOwn(byFunction, name) ? byFunction[name] : undefined
  return (typeof found === 'function' ? found(overload) : found) ?? byOverload[overload] ?? one
}
