import type { CelListType, CelType } from '../contract'
import { equal } from './compare'
import { isMap, mapGet, mapHas, mapKeys, mapSize } from './values'
import { readerOf } from './readers'
import { work } from './work'

type Equality = (a: unknown, b: unknown) => boolean

/**
 * Lists that a schema declares as sets or maps are equal whatever the order of their items, and joined without repeating any.
 * What a value is, JSON does not say: the type that the checker found does.
 */
export function typedEquality(type: CelType): Equality | undefined {
  return matters(type, new Set()) ? equalityOf(type) : undefined
}

const known = new WeakMap<CelType, Equality>()

/** Types refer to themselves: a type's equality is there before it is asked. */
function equalityOf(type: CelType): Equality {
  let found = known.get(type)
  if (!found) {
    let made: Equality | undefined
    found = (a, b) => (made ??= makeEquality(type))(a, b)
    known.set(type, found)
  }
  return found
}

function makeEquality(type: CelType): Equality {
  switch (type.sort) {
    case 'list': {
      const item = equalityOf(type.item)
      if (type.unordered === undefined) return (a, b) => (Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((one, i) => item(one, b[i])) : equal(a, b))
      const same = counterpart(type, item)
      return (a, b) => (Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((one) => same(one, b, true) >= 0)
        && b.every((one) => same(one, a, false) >= 0) : equal(a, b))
    }
    case 'map': {
      const value = equalityOf(type.value)
      return (a, b) => (isMap(a) && isMap(b) ? mapSize(a) === mapSize(b) && mapKeys(a).every((key) => mapHas(b, key) && value(mapGet(a, key), mapGet(b, key))) : equal(a, b))
    }
    case 'object': {
      const fields = new Map([...type.fields()].map(([name, field]) => [type.jsonName?.(name) ?? name, equalityOf(field)]))
      return (a, b) => isMap(a) && isMap(b) ? mapSize(a) === mapSize(b)
        && mapKeys(a).every((key) => mapHas(b, key) && (fields.get(key as string) ?? equal)(mapGet(a, key), mapGet(b, key))) : equal(a, b)
    }
    default: {
      const reader = readerOf(type)
      return reader ? (a, b) => equal(reader(a), reader(b)) : equal
    }
  }
}

/** Where the item of another list is that is meant to be the same; -1 where there is none. */
function counterpart({ unordered }: CelListType, item: Equality): (one: unknown, list: readonly unknown[], whole: boolean) => number {
  return (one, list, whole) => {
    work(list.length)
    if (unordered === 'set') return list.findIndex((other) => item(one, other))
    return list.findIndex((other) => sameKeys(one, other, unordered!) && (!whole || item(one, other)))
  }
}

const sameKeys = (a: unknown, b: unknown, keys: readonly string[]): boolean =>
  isMap(a) && isMap(b) && keys.every((key) => equal(mapGet(a, key), mapGet(b, key)) || (!mapHas(a, key) && !mapHas(b, key)))

/** Undefined where lists are just put one after the other. */
export function typedJoin(type: CelType): ((a: unknown, b: unknown) => unknown) | undefined {
  if (type.sort !== 'list' || type.unordered === undefined) return undefined
  const at = counterpart(type, equalityOf(type.item))
  const replaces = type.unordered !== 'set'
  return (a, b) => {
    const joined = [...(a as readonly unknown[])]
    for (const one of b as readonly unknown[]) {
      const place = at(one, joined, false)
      if (place < 0) joined.push(one)
      else if (replaces) joined[place] = one
    }
    return joined
  }
}

/** Whether values of a type can be equal without being the same JSON. */
function matters(type: CelType, seen: Set<CelType>): boolean {
  if (seen.has(type)) return false
  seen.add(type)
  switch (type.sort) {
    case 'list':
      return type.unordered !== undefined || matters(type.item, seen)
    case 'map':
      return matters(type.value, seen)
    case 'object':
      return [...type.fields().values()].some((field) => readerOf(field) !== undefined || matters(field, seen))
    default:
      return false
  }
}
