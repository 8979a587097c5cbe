import { add } from '../runtime/arithmetic'
import { compare, equal, sameType } from '../runtime/compare'
import { callTooCostly, fail, noSuchOverload } from '../runtime/errors'
import { Double, Duration, isMap, mapGet, mapHas, mapKey, mapKeys, Uint, type MapValue } from '../runtime/values'
import { work } from '../runtime/work'
import { each, shared, type FunctionDeclaration } from './overload'

type Items = readonly unknown[]
type Int = number | bigint

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'] as const
const zeros = { int: 0, uint: new Uint(0n), double: new Double(0), duration: new Duration(0n) } as const

const forTypes = (names: readonly string[], one: (name: string) =>
  readonly [id: string, signature: string, call: (...args: never[]) => unknown]): Record<string, readonly [string, (...args: never[]) => unknown]> =>
  Object.fromEntries(names.map((name) => {
    const [id, signature, call] = one(name)
    return [id, [signature, call]]
  }))

function extreme(name: string, better: (order: number) => boolean): (list: Items) => unknown {
  return (list) => {
    if (list.length === 0) fail(`${name} called on empty list`)
    return list.reduce((best, item) => (better(compare(item, best, name)) ? item : best))
  }
}

const isSorted = (list: Items): boolean => list.every((item, i) => i === 0 || compare(list[i - 1], item, 'isSorted') <= 0)
const indexOf = (list: Items, item: unknown): number => list.findIndex((one) => equal(one, item))
const lastIndexOf = (list: Items, item: unknown): number => list.findLastIndex((one) => equal(one, item))

function slice(list: Items, start: Int, end: Int): Items {
  if (start < 0 || end < 0) fail(`cannot slice(${start}, ${end}), negative indexes not supported`)
  if (start > end) fail(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`)
  if (list.length < end) fail(`cannot slice(${start}, ${end}), list is length ${list.length}`)
  return list.slice(Number(start), Number(end))
}

function flatten(list: unknown, depth: Int = 1): Items {
  if (!Array.isArray(list)) return noSuchOverload()
  if (depth < 0) fail('level must be non-negative')
  work(list.length)
  return depth === 0 ? list : list.flatMap((item: unknown) => (Array.isArray(item) ? flatten(item, Number(depth) - 1) : [item]))
}

/** Costs a unit an item, and is refused before it is made where that is more than any call may cost. */
const range = (count: Int): Items => (count > 1_000_000 ? callTooCostly() : Array.from({ length: Math.max(0, Number(count)) }, (_, i) => i))

function distinct(list: Items): Items {
  const seen = new Set<unknown>()
  const found: unknown[] = []
  for (const item of list) {
    const key = mapKey(item)
    if (key === undefined ? found.some((one) => equal(one, item)) : seen.has(key)) continue
    if (key === undefined) work(found.length)
    seen.add(key)
    found.push(item)
  }
  return found
}

function sortBy(list: Items, keys: Items): Items {
  if (list.length !== keys.length) {
    fail(`@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.length} and ${keys.length} elements respectively`)
  }
  if (keys.some((key) => !sameType(key, keys[0]))) fail('list elements must have the same type')
  work(list.length)
  return keys.map((key, i) => ({ key, item: list[i] })).sort((a, b) => compare(a.key, b.key, 'sort')).map(({ item }) => item)
}

const containsAll = (list: Items, part: Items): boolean => {
  work(list.length * part.length)
  return part.every((item) => list.some((one) => equal(one, item)))
}
const intersects = (a: Items, b: Items): boolean => {
  work(a.length * b.length)
  return a.some((item) => b.some((one) => equal(one, item)))
}

/** Folds own the map that grows. */
function insert(map: MapValue, key: unknown, value: unknown): MapValue {
  if (!(map instanceof Map)) return noSuchOverload()
  if (mapHas(map, key)) fail(`insert failed: key ${String(key)} already exists`)
  return (map as Map<unknown, unknown>).set(mapKey(key), [key, value])
}

function insertAll(map: MapValue, more: MapValue): MapValue {
  if (!isMap(more)) return noSuchOverload()
  for (const key of mapKeys(more)) insert(map, key, mapGet(more, key))
  return map
}

/** Kubernetes' own functions of lists, cel-go's extensions `lists` (version 3) and `sets`, and what macros of two variables become. */
export const lists: readonly FunctionDeclaration[] = [
  each('isSorted', forTypes(comparable, (name) => [`list_${name}_is_sorted_bool`, `list(${name}).() -> bool`, isSorted])),
  each('sum', forTypes(Object.keys(zeros), (name) => [`list_${name}_sum_${name}`, `list(${name}).() -> ${name}`, (list: Items) => list.reduce(add, zeros[name as 'int'])])),
  each('min', forTypes(comparable, (name) => [`list_${name}_min_${name}`, `list(${name}).() -> ${name}`, extreme('min', (order) => order < 0)])),
  each('max', forTypes(comparable, (name) => [`list_${name}_max_${name}`, `list(${name}).() -> ${name}`, extreme('max', (order) => order > 0)])),
  each('indexOf', { list_a_index_of_int: ['list(A).(A) -> int', indexOf] }),
  each('lastIndexOf', { list_a_last_index_of_int: ['list(A).(A) -> int', lastIndexOf] }),
  each('slice', { list_slice: ['list(T).(int, int) -> list(T)', slice] }),
  shared('flatten', flatten, { list_flatten: 'list(list(T)).() -> list(T)', list_flatten_int: 'list(dyn).(int) -> list(dyn)' }),
  each('sort', forTypes(comparable, (name) => [`list_${name}_sort`, `list(${name}).() -> list(${name})`, (list: Items) => sortBy(list, list)])),
  each('@sortByAssociatedKeys', forTypes(comparable, (name) => [`list_${name}_sortByAssociatedKeys`, `list(T).(list(${name})) -> list(T)`, sortBy])),
  each('lists.range', { lists_range: ['(int) -> list(int)', range] }),
  each('reverse', { list_reverse: ['list(T).() -> list(T)', (list: Items) => list.toReversed()] }),
  each('distinct', { list_distinct: ['list(T).() -> list(T)', distinct] }),
  each('sets.contains', { list_sets_contains_list: ['(list(T), list(T)) -> bool', containsAll] }),
  each('sets.equivalent', { list_sets_equivalent_list: ['(list(T), list(T)) -> bool', (a: Items, b: Items) => containsAll(a, b) && containsAll(b, a)] }),
  each('sets.intersects', { list_sets_intersects_list: ['(list(T), list(T)) -> bool', intersects] }),
  each('cel.@mapInsert', { '@mapInsert_map_key_value': ['(map(K, V), K, V) -> map(K, V)', insert], '@mapInsert_map_map': ['(map(K, V), map(K, V)) -> map(K, V)', insertAll] }),
]
