import { showKind } from '#apimachinery/apply/apply'
import { configErrors, joinErrors } from '#apimachinery/apply/validate-config'
import { merge } from '#apimachinery/apply/merge'
import { checkPlaces } from '#apimachinery/cel/patch-types'
import { CelError } from '#apimachinery/cel/runtime/errors'
import { toJson } from '#apimachinery/cel/runtime/to-json'
import type { KubeObject } from '#apimachinery/object'
import { isObject } from '#apimachinery/patch/json-kind'
import { DecodeError } from '#apimachinery/schema/decode-error'
import type { Schema } from '#apimachinery/schema/schema'
import { clone } from '#base/clone'
import type { Change } from './change'
import { MutationFault } from './fault'

/** Merges `Object{...}` as server-side apply does; nobody comes to own what it says. */
export const applyConfiguration: Change = async (value, { before, schema, restore }) => {
  const { apiVersion, kind } = before
  const config = { ...jsonOf(value), apiVersion, kind }
  const errors = configErrors(schema, config)
  if (errors.length > 0) throw new MutationFault(`error applying patch: failed to convert patch object to typed object: ${joinErrors(errors)}`)
  const atomics = atomicsIn(schema, config, '')
  if (atomics.length > 0) throw new MutationFault(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`)
  try {
    return await restore(clone(merge(schema, before, config)) as KubeObject)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new MutationFault(`unable to convert unstructured object to ${showKind(apiVersion, kind)}: ${error.message}`)
  }
}

function jsonOf(value: unknown): Record<string, unknown> {
  try {
    checkPlaces(value)
  } catch (error) {
    if (error instanceof CelError) throw new MutationFault(`type mismatch: ${error.message}`)
    throw error
  }
  try {
    return toJson(value) as Record<string, unknown>
  } catch (error) {
    if (error instanceof CelError) throw new MutationFault(`invalid return type: ${error.message}`)
    throw error
  }
}

/** The paths of what would be replaced as a whole. Entries of maps are not looked into, as in the original. */
function atomicsIn(schema: Schema, value: unknown, path: string): string[] {
  const own = (atomic: boolean): string[] => (atomic ? [path] : [])
  if (Array.isArray(value)) {
    if (schema.type === 'list') return [...own(schema.listType === 'atomic'), ...value.flatMap((item, i) => atomicsIn(schema.items, item, `${path}[${i}]`))]
  } else if (isObject(value)) {
    if (schema.type === 'map') return own(schema.atomic)
    if (schema.type === 'struct') {
      const { atomic, fields } = schema
      return [...own(atomic), ...Object.entries(value).flatMap(([name, field]) => {
        const below = fields.get(name)
        return below ? atomicsIn(below.schema, field, `${path}.${name}`) : []
      })]
    }
  } else return []
  return own(schema.type === 'untyped')
}
