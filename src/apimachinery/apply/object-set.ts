import type { Schema } from '../schema/schema'
import { isObject } from '#apimachinery/patch/json-kind'
import type { FieldSet } from './field-set'
import { itemElementOr } from './path-element'

/**
 * The paths of a configuration: its leaves, the items of its lists, the entries of its maps, and maps that are empty or null.
 * Named fields that hold more than a leaf are not in it themselves.
 */
export function fieldSetOf(schema: Schema, value: unknown): FieldSet {
  return nodeOf(schema, value) ?? {}
}

/** The node of a value, `{}` for a leaf; `undefined` where the value contributes nothing. */
function nodeOf(declared: Schema, value: unknown): FieldSet | undefined {
  const schema = deduce(declared, value)
  if (isLeaf(schema)) return {}
  return schema.type === 'list' ? listNode(schema, value) : mapNode(schema, value)
}

/** Owned as a whole, whatever it holds. */
export function isLeaf(schema: Schema): boolean {
  switch (schema.type) {
    case 'list':
      return schema.listType === 'atomic'
    case 'struct':
    case 'map':
      return schema.atomic
    default:
      return true
  }
}

function listNode(schema: Schema & { type: 'list' }, value: unknown): FieldSet | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const node: FieldSet = {}
  value.forEach((item, index) => {
    const element = itemElementOr(schema, item, index)
    // Of duplicates, only that they are there.
    node[element] = element in node ? {} : member(nodeOf(schema.items, item))
  })
  return node
}

function mapNode(schema: Schema, value: unknown): FieldSet | undefined {
  if (!isObject(value)) return undefined
  const node: FieldSet = {}
  let any = false
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue
    const known = schema.type === 'struct' ? schema.fields.get(key)?.schema : undefined
    const inner = nodeOf(known ?? entrySchema(schema, child), child)
    const byItself = !known || child === null || (isObject(child) && Object.keys(child).length === 0)
    const made = byItself ? member(inner) : inner
    if (!made) continue
    node[`f:${key}`] = made
    any = true
  }
  return any ? node : undefined
}

function member(node: FieldSet | undefined): FieldSet {
  if (!node) return {}
  for (const _ in node) return { '.': {}, ...node }
  return node
}

/** A map that no schema knows: its entries are owned one by one. */
export const deducedMap: Schema = { type: 'struct', name: '', fields: new Map(), atomic: false, preserveUnknown: true }
const untyped: Schema = { type: 'untyped' }

/** The schema that a value turns out to have, or two values of one place, where nothing was declared. */
export const deduce = (schema: Schema, a: unknown, b?: unknown): Schema => (schema.type === 'untyped' && schema.deduced && (isObject(a) || isObject(b)) ? deducedMap : schema)

/** What a key is that its parent does not name: an entry of a map, or an unknown field, whose maps are owned by the entry. */
export function entrySchema(parent: Schema, ...values: readonly unknown[]): Schema {
  if (parent.type === 'map') return parent.values
  return values.some(isObject) ? deducedMap : untyped
}
