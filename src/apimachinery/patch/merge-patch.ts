import { badRequest } from '#apimachinery/api-error'
import { goJsonKind } from './go-format'
import { isObject } from './json-kind'
import { withoutNulls } from './without'

/**
 * Applies RFC 7386: objects merge, null removes, everything else replaces. Nulls inside what is new are dropped, nulls as
 * items of lists stay. `patch` is the decoded body; throws `ApiError` 400 where it is not an object.
 */
export function applyMergePatch(document: Record<string, unknown>, patch: unknown): Record<string, unknown> {
  if (patch === null) throw badRequest('Invalid JSON Patch')
  if (!isObject(patch)) {
    throw badRequest(`error decoding patch: json: cannot unmarshal ${goJsonKind(patch)} into Go value of type map[string]interface {}`)
  }
  return mergeObjects(document, patch)
}

function mergeObjects(document: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  let merged = document
  for (const field in patch) {
    const value = patch[field]
    const before = Object.hasOwn(document, field) ? document[field] : undefined
    if (value === null) {
      if (before === undefined) continue
      if (merged === document) merged = { ...document }
      delete merged[field]
      continue
    }
    const after = isObject(before) ? (isObject(value) ? mergeObjects(before, value) : value) : withoutNulls(value)
    if (after === before) continue
    if (merged === document) merged = { ...document }
    merged[field] = after
  }
  return merged
}
