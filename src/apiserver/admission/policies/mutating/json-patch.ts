import { ApiError, internal } from '#apimachinery/api-error'
import { checkPlaces } from '#apimachinery/cel/patch-types'
import { CelError } from '#apimachinery/cel/runtime/errors'
import { toJson } from '#apimachinery/cel/runtime/to-json'
import { Struct } from '#apimachinery/cel/runtime/values'
import { unknownField } from '#apimachinery/codec/codec'
import type { KubeObject } from '#apimachinery/object'
import { applyJsonPatch, PatchTestFailed } from '#apimachinery/patch/json-patch'
import { DecodeError } from '#apimachinery/schema/decode-error'
import { clone } from '#base/clone'
import type { Change } from './change'
import { MutationFault } from './fault'

/** Runs operations; where a `test` among them fails, the object stays as it is. */
export const applyOperations: Change = async (value, { before, restore }) => {
  const operations = (value as readonly Struct[]).map(operationOf)
  // A copy: what a patch does not touch would be made whole in place.
  const made = patched(clone(before), operations)
  const unknown: string[] = []
  let whole: KubeObject
  try {
    whole = await restore(made, (path) => unknown.push(unknownField(path)))
  } catch (error) {
    throw error instanceof DecodeError ? internal(error) : error
  }
  if (unknown.length > 0) throw internal(new Error(`strict decoding error: ${unknown.join(', ')}`))
  return whole
}

function patched(before: KubeObject, operations: readonly object[]): KubeObject {
  try {
    return applyJsonPatch(before, operations) as KubeObject
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.cause instanceof PatchTestFailed) return before
    throw new MutationFault(`JSON Patch: ${error.cause instanceof Error ? error.cause.message : error.message}`)
  }
}

function operationOf({ fields: { op = '', path = '', from = '', value } }: Struct): object {
  return { op, path, ...(from === '' ? {} : { from }), ...(value === undefined ? {} : { value: jsonOf(value) }) }
}

function jsonOf(value: unknown): unknown {
  try {
    // It may be made for any place: only what is in it has to fit.
    if (value instanceof Struct) checkPlaces(value, value.typeName)
  } catch (error) {
    if (error instanceof CelError) throw new MutationFault(`type mismatch: ${error.message}`)
    throw error
  }
  try {
    return toJson(value)
  } catch (error) {
    if (error instanceof CelError) throw new MutationFault(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${error.message}`)
    throw error
  }
}
