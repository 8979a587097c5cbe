import { ApiError, badRequest } from '#apimachinery/api-error'
import type { Field, Schema, Struct } from '../schema/schema'
import { mergeInOrder } from './element-order'
import { goJsonKind, goType, goValue } from './go-format'
import { isObject, kindOf } from './json-kind'
import { mergeLists, type JsonMap } from './merge-lists'
import { withoutDirectives, withoutNulls } from './without'

const deleteFromPrimitiveList = '$deleteFromPrimitiveList/'
const setElementOrder = '$setElementOrder/'

/** What the original answers where a patch does not make sense but is no bad request: 500 with the bare text. */
export const senseless = (message: string): ApiError => new ApiError(500, '', message)

/**
 * Merges by what the schema says of each field: lists with a merge key item by item, others as a whole. Understands
 * `$patch: replace|delete|merge`, `$retainKeys`, `$deleteFromPrimitiveList/x` and `$setElementOrder/x`; null removes.
 *
 * `patch` is the decoded body, `struct` the schema of the document's kind. Throws `ApiError`: 400 for malformed directives,
 * 422 for lists of lists, 500 (as the original) for items without their merge key and unknown directives.
 */
export function applyStrategicMergePatch(document: JsonMap, patch: unknown, struct: Struct): JsonMap {
  if (patch === null) return document
  if (!isObject(patch)) throw badRequest(`json: cannot unmarshal ${goJsonKind(patch)} into Go value of type map[string]interface {}`)
  return mergeMap(document, patch, struct)
}

export function mergeMap(original: JsonMap, patch: JsonMap, schema: Schema | undefined): JsonMap {
  if ('$patch' in patch) return mergeByDirective(patch)
  let merged = retainKeys(original, patch)
  const done = new Set(['$retainKeys'])
  for (const key of Object.keys(patch)) {
    if (key.startsWith(setElementOrder)) merged = orderList(merged, patch, key, schema, done)
    else if (key.startsWith('$setElementOrder')) throw badRequest('invalid patch format of setElementOrder list')
  }
  for (const key in patch) {
    if (done.has(key)) continue
    const deletes = key.startsWith('$deleteFromPrimitiveList')
    if (deletes && !key.startsWith(deleteFromPrimitiveList)) throw badRequest('invalid patch format of primitive list')
    const name = deletes ? key.slice(deleteFromPrimitiveList.length) : key
    const before = Object.hasOwn(merged, name) ? merged[name] : undefined
    const after = mergeField(before, name, patch[key], deletes, schema)
    if (after === before) continue
    if (merged === original) merged = { ...original }
    if (after === undefined) delete merged[name]
    else merged[name] = after
  }
  return merged
}

function mergeByDirective(patch: JsonMap): JsonMap {
  const { $patch: directive, ...rest } = patch
  if (directive === 'replace') return rest
  if (directive === 'delete') return {}
  throw senseless(`unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`)
}

/** Drops the fields that `$retainKeys` does not list; it must list what the patch sets. */
function retainKeys(original: JsonMap, patch: JsonMap): JsonMap {
  if (!('$retainKeys' in patch)) return original
  const listed = patch.$retainKeys
  if (!Array.isArray(listed)) throw badRequest('invalid patch format of retainKeys')
  const keys = new Set<unknown>(listed)
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$retainKeys' || value === null || key.startsWith(deleteFromPrimitiveList) || key.startsWith(setElementOrder)) continue
    if (!keys.has(key)) throw badRequest('invalid patch format of retainKeys')
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.has(key)))
}

/** Merges the list that a `$setElementOrder/x` orders; marks both keys of the patch as done. */
function orderList(merged: JsonMap, patch: JsonMap, key: string, schema: Schema | undefined, done: Set<string>): JsonMap {
  done.add(key)
  const order = patch[key]
  if (!Array.isArray(order)) throw wrongType('[]interface {}', order)
  const name = key.slice(setElementOrder.length)
  const live = listIn(merged, name)
  const given = listIn(patch, name)
  const field = fieldOf(schema, name)
  const mergeKey = field.mergeKey === true ? '' : (field.mergeKey ?? '')
  checkOrder(given ?? [], order, mergeKey)
  if (!live && !given) return merged
  done.add(name)
  let items: readonly unknown[]
  if (live && given) items = field.mergeKey === undefined ? given : mergeLists(live, given, itemsOf(field.schema), mergeKey)
  else if (live) items = live
  else items = withoutDirectives(given) as unknown[]
  if (items.length === 0 && (live ?? []).length === 0 && (given ?? []).length === 0) throw senseless('no elements in any of the given slices')
  return { ...merged, [name]: mergeInOrder(items, order, live ?? [], mergeKey) }
}

function listIn(map: JsonMap, key: string): readonly unknown[] | undefined {
  if (!(key in map)) return undefined
  const value = map[key]
  if (!Array.isArray(value)) throw wrongType('[]interface {}', value)
  return value
}

const wrongType = (expected: string, actual: unknown): ApiError =>
  senseless(`expected a ${expected}, but received a ${actual === null ? '%!s(<nil>)' : goType(actual)}`)

/** What a patch adds must come in the order that the patch itself asks for. */
function checkOrder(patchList: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0 || patchList.length === 0) return
  const kept = mergeKey ? patchList.filter((item) => !(isObject(item) && item.$patch === 'delete')) : patchList
  let at = 0
  let inOrder = 0
  while (at < kept.length && inOrder < order.length) {
    const item = kept[at]
    if (isObject(item) && '$patch' in item) {
      at++
      continue
    }
    if (keyValue(item, mergeKey) === keyValue(order[inOrder], mergeKey)) at++
    inOrder++
  }
  if (at < kept.length && inOrder >= order.length) {
    throw senseless(`The order in patch list:\n${goValue(patchList)}\n doesn't match $setElementOrder list:\n${goValue(order)}\n`)
  }
}

function keyValue(item: unknown, mergeKey: string): unknown {
  if (!mergeKey) return item
  if (!isObject(item)) throw wrongType('map[string]interface {}', item)
  if (!(mergeKey in item)) throw senseless(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`)
  return item[mergeKey]
}

/** What a field becomes; `undefined` for one that is not there. */
function mergeField(before: unknown, name: string, value: unknown, deletes: boolean, schema: Schema | undefined): unknown {
  if (value === null) return undefined
  if (before === undefined || kindOf(before) !== kindOf(value)) return deletes ? before : withoutDirectives(withoutNulls(value))
  if (isObject(value)) return mergeMap(before as JsonMap, value, structureOf(schema, name))
  if (!Array.isArray(value)) return value
  const field = fieldOf(schema, name)
  if (deletes) return (before as unknown[]).filter((item) => !value.includes(item))
  if (field.mergeKey === undefined) return value
  return mergeLists(before as unknown[], value, itemsOf(field.schema), field.mergeKey === true ? '' : field.mergeKey)
}

function fieldOf(schema: Schema | undefined, name: string): Field {
  if (schema?.type !== 'struct') {
    throw senseless(`merging an object in json but data type is not struct, instead is: ${schema?.type === 'map' ? 'map' : 'slice'}`)
  }
  const field = schema.fields.get(name)
  if (!field) throw senseless(`unable to find api field in struct ${schema.name} for the json field ${JSON.stringify(name)}`)
  return field
}

/** The schema of a field that is an object in both; maps and untyped fields have nothing to say about what is in them. */
function structureOf(schema: Schema | undefined, name: string): Schema | undefined {
  if (schema?.type === 'map') return schema.values
  if (schema === undefined || schema.type === 'untyped') return undefined
  return fieldOf(schema, name).schema
}

function itemsOf(schema: Schema): Schema | undefined {
  return schema.type === 'list' ? schema.items : undefined
}
