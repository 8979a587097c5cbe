import { isObject } from './json-kind'

/**
 * Puts a merged list into its final order: items that `order` (the patch) names come as it says, all others as in `live`; the
 * two are then woven together, an item of the patch going before one of the server's unless `live` had them the other way.
 */
export function mergeInOrder(merged: readonly unknown[], order: readonly unknown[], live: readonly unknown[], mergeKey: string): unknown[] {
  const patchAt = positions(order, mergeKey)
  const liveAt = positions(live, mergeKey)
  const key = (item: unknown): unknown => (mergeKey && isObject(item) ? item[mergeKey] : item)
  const named = sortBy(merged.filter((item) => patchAt.has(key(item))), patchAt, key)
  const others = sortBy(merged.filter((item) => !patchAt.has(key(item))), liveAt, key)
  const woven: unknown[] = []
  let i = 0
  let j = 0
  while (i < others.length || j < named.length) {
    if (j >= named.length) woven.push(others[i++])
    else if (i >= others.length) woven.push(named[j++])
    else {
      const left = liveAt.get(key(others[i]))
      const right = liveAt.get(key(named[j]))
      woven.push(left !== undefined && right !== undefined && left < right ? others[i++] : named[j++])
    }
  }
  return woven
}

/** Where each item stands first. */
function positions(list: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const at = new Map<unknown, number>()
  list.forEach((item, i) => {
    const key = mergeKey && isObject(item) ? item[mergeKey] : item
    if (!at.has(key)) at.set(key, i)
  })
  return at
}

/** Insertion sort: an item without a place moves to the front, as it does in the original. */
function sortBy(items: unknown[], at: ReadonlyMap<unknown, number>, key: (item: unknown) => unknown): unknown[] {
  const before = (a: unknown, b: unknown): boolean => {
    const left = at.get(key(a))
    const right = at.get(key(b))
    return left === undefined || right === undefined || left < right
  }
  for (let i = 1; i < items.length; i++) {
    for (let j = i; j > 0 && before(items[j], items[j - 1]); j--) [items[j - 1], items[j]] = [items[j], items[j - 1]]
  }
  return items
}
