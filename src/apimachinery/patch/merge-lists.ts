import { ApiError } from '#apimachinery/api-error'
import type { Schema } from '../schema/schema'
import { mergeInOrder } from './element-order'
import { goValue } from './go-format'
import { kindOf } from './json-kind'
import { mergeMap, senseless } from './strategic-merge-patch'

export type JsonMap = Record<string, unknown>

/**
 * Merges two lists item by item: scalars by value (`mergeKey` is `''`), maps by the value of `mergeKey`. What stays keeps the
 * server's order, what the patch names takes the patch's order.
 */
export function mergeLists(original: readonly unknown[], patch: readonly unknown[], items: Schema | undefined, mergeKey: string): unknown[] {
  if (original.length === 0 && patch.length === 0) return []
  if (commonKind(original, patch) !== 'object') {
    return mergeInOrder([...new Set([...original, ...patch])], patch, original, '')
  }
  if (!mergeKey) throw senseless('cannot merge lists without merge key for struct')
  const { live, wanted } = runDirectives(original as JsonMap[], patch as JsonMap[], mergeKey)
  const merged = [...live]
  for (const item of wanted) {
    if (!(mergeKey in item)) throw withoutKey(item, mergeKey)
    const at = merged.findIndex((candidate) => mergeKey in candidate && candidate[mergeKey] === item[mergeKey])
    if (at < 0) merged.push(item)
    else merged[at] = mergeMap(merged[at]!, item, items)
  }
  return mergeInOrder(merged, wanted, live, mergeKey)
}

const withoutKey = (item: JsonMap, mergeKey: string): ApiError =>
  senseless(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`)

/** `$patch: delete` removes the live item with its key, `$patch: replace` the whole live list. */
function runDirectives(original: readonly JsonMap[], patch: readonly JsonMap[], mergeKey: string): { live: readonly JsonMap[]; wanted: readonly JsonMap[] } {
  let live = original
  let replaces = false
  const wanted: JsonMap[] = []
  for (const item of patch) {
    if (!('$patch' in item)) {
      wanted.push(item)
      continue
    }
    switch (item.$patch) {
      case 'delete':
        if (!(mergeKey in item)) throw withoutKey(item, mergeKey)
        live = live.filter((candidate) => candidate[mergeKey] !== item[mergeKey])
        break
      case 'replace':
        replaces = true
        break
      case 'merge':
        throw senseless('merging lists cannot yet be specified in the patch')
      default:
        throw senseless(`unknown patch type: ${goValue(item.$patch)} in map: ${goValue(item)}`)
    }
  }
  return replaces ? { live: wanted, wanted: [] } : { live, wanted }
}

function commonKind(...lists: readonly (readonly unknown[])[]): string {
  let common: string | undefined
  for (const item of lists.flat()) {
    const kind = kindOf(item)
    if (common === undefined && kind === 'list') {
      throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {}, { cause: new Error('lists of lists are not supported') })
    }
    common ??= kind
    if (kind !== common) throw senseless(`list element types are not identical: ${goValue(lists)}`)
  }
  return common ?? 'null'
}
