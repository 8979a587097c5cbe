import type { Schema } from '../schema/schema'
import { isEmpty, type FieldSet } from './field-set'
import { isLeaf } from './object-set'

/** A set under a schema that has changed: what has become owned as a whole is owned by whoever owned a part of it. */
export function reconcileWithSchema(schema: Schema | undefined, set: FieldSet): FieldSet {
  if (!schema) return set
  let out: FieldSet | undefined
  for (const element in set) {
    const node = set[element]!
    if (element === '.' || isEmpty(node)) continue
    const child = childSchema(schema, element)
    const reconciled = child && (child.type === 'list' || child.type === 'map' || child.type === 'struct') && isLeaf(child) ? {} : reconcileWithSchema(child, node)
    if (reconciled === node) continue
    out ??= { ...set }
    out[element] = reconciled
  }
  return out ?? set
}

function childSchema(schema: Schema, element: string): Schema | undefined {
  if (schema.type === 'list') return schema.items
  if (schema.type === 'map') return schema.values
  return schema.type === 'struct' ? schema.fields.get(element.slice(2))?.schema : undefined
}
