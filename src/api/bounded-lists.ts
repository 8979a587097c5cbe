// Lists that may hold so many items, all of them sound, and some of them no item twice. Too long a list is told alone.
import type { FieldErrors } from '#apimachinery/field-errors'

/** `errors` are those of the item. */
type Check<T> = (item: T, errors: FieldErrors, place: number) => void

/** `max` below zero: any number. `errors` are those of the list. */
export function eachOf<T>(errors: FieldErrors, items: readonly T[] | undefined | null, max: number, check: Check<T>): boolean {
  const list = items ?? []
  if (max >= 0 && list.length > max) {
    errors.tooMany(list.length, max)
    return false
  }
  for (const [i, item] of list.entries()) check(item, errors.at(i), i)
  return true
}

/** Each key may be there once; `shown` is what the message repeats, where that is not the key. */
export function eachOnce<T>(
  errors: FieldErrors, items: readonly T[] | undefined | null, max: number, check: Check<T>, keyOf: (item: T) => string, shown: (item: T) => unknown = keyOf,
): void {
  if (!eachOf(errors, items, max, check)) return
  const seen = new Set<string>()
  for (const [i, item] of (items ?? []).entries()) {
    const key = keyOf(item)
    if (seen.has(key)) errors.at(i).duplicate(shown(item))
    seen.add(key)
  }
}

/** Keys are told at the map, what is wrong with a value under its key, which is cut in the middle where it is too long to be one. */
export function eachEntry<T>(
  errors: FieldErrors, entries: Readonly<Record<string, T>> | undefined | null, max: number, longest: number, checkKey: (errors: FieldErrors, key: string) => void, check: Check<T>,
): void {
  const keys = Object.keys(entries ?? {})
  if (max >= 0 && keys.length > max) return errors.tooMany(keys.length, max)
  for (const [i, key] of keys.entries()) {
    checkKey(errors, key)
    check(entries![key]!, errors.key(shortened(key, longest)), i)
  }
}

function shortened(key: string, longest: number): string {
  if (key.length <= longest) return key
  const left = longest - 3
  return `${key.slice(0, Math.floor((left + 1) / 2))}...${key.slice(key.length - Math.floor(left / 2))}`
}
