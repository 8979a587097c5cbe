import { sameJson } from '#apimachinery/patch/json-patch'
import { isObject } from '#apimachinery/patch/json-kind'
import type { ListOf, Schema } from '../schema/schema'
import { isEmpty, type FieldSet } from './field-set'
import { deduce, deducedMap, entrySchema, isLeaf } from './object-set'
import { itemElementOr, type Element } from './path-element'

export interface Comparison {
  /** Paths that are new or have another value. */
  readonly changed: FieldSet
  readonly removed: FieldSet
}

const nothing: Comparison = { changed: {}, removed: {} }

/** What an update did to an object. Parts that both share by reference are not walked. */
export function compare(schema: Schema, before: unknown, after: unknown): Comparison {
  if (before === after) return nothing
  const root: Root = { changed: {}, removed: {} }
  compareNode(schema, before, after, '', root)
  return { changed: root.changed[''] ?? {}, removed: root.removed[''] ?? {} }
}

interface Root {
  changed: FieldSet
  removed: FieldSet
}

/** Compares one value and hangs what it finds below `element` in the parent's nodes. */
function compareNode(declared: Schema, before: unknown, after: unknown, element: Element, parent: Root): void {
  if (before === after) return
  const schema = deduce(declared, before, after)
  if (isLeaf(schema) || (isHollow(before) && isHollow(after))) {
    if (before === undefined) parent.changed[element] = {}
    else if (after === undefined) parent.removed[element] = {}
    else if (!sameJson(before, after)) parent.changed[element] = {}
    return
  }
  const inner: Root = { changed: {}, removed: {} }
  let turned = false
  if (schema.type === 'list') compareItems(schema, before, after, inner)
  else {
    compareFields(schema, before, after, inner)
    // Of a field that is not in the schema even the kind may change.
    turned = schema === deducedMap && isObject(before) !== isObject(after) && isSaid(before) && isSaid(after)
  }
  hang(parent.changed, element, inner.changed, before === undefined || turned)
  hang(parent.removed, element, inner.removed, after === undefined)
}

function hang(parent: FieldSet, element: Element, node: FieldSet, member: boolean): void {
  if (isEmpty(node)) {
    if (member) parent[element] = {}
  } else {
    if (member) node['.'] = {}
    parent[element] = node
  }
}

/** Absent, null, or without content: such a list or map is a leaf. */
function isHollow(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

const isSaid = (value: unknown): boolean => value !== null && value !== undefined

function compareFields(schema: Schema, before: unknown, after: unknown, into: Root): void {
  const left = isObject(before) ? before : undefined
  const right = isObject(after) ? after : undefined
  if (left) {
    for (const key in left) {
      const a = left[key]
      const b = right?.[key]
      if (a !== b) compareNode(schemaOf(schema, key, a, b), a, b, `f:${key}`, into)
    }
  }
  if (right) {
    for (const key in right) {
      if (left && left[key] !== undefined) continue
      const b = right[key]
      if (b !== undefined) compareNode(schemaOf(schema, key, undefined, b), undefined, b, `f:${key}`, into)
    }
  }
}

function schemaOf(parent: Schema, key: string, before: unknown, after: unknown): Schema {
  const known = parent.type === 'struct' ? parent.fields.get(key)?.schema : undefined
  return known ?? entrySchema(parent, before, after)
}

function compareItems(list: ListOf, before: unknown, after: unknown, into: Root): void {
  // Most lists are as they were; telling items apart costs more than seeing that.
  if (Array.isArray(before) && Array.isArray(after) && sameJson(before, after)) return
  const left = group(list, before)
  const right = group(list, after)
  for (const [element, ours] of left) {
    const theirs = right.get(element) ?? []
    if (ours.length <= 1 && theirs.length <= 1) compareNode(list.items, ours[0], theirs[0], element, into)
    else compareDuplicates(list, ours, theirs, element, into)
  }
  for (const [element, theirs] of right) {
    if (left.has(element)) continue
    if (theirs.length <= 1) compareNode(list.items, undefined, theirs[0], element, into)
    else compareDuplicates(list, [], theirs, element, into)
  }
}

/** Items of one key are looked at together once there are several. */
function compareDuplicates(list: ListOf, before: readonly unknown[], after: readonly unknown[], element: Element, into: Root): void {
  if (before.length >= 2 && after.length >= 2) {
    if (!sameJson(before, after)) into.changed[element] = {}
  } else if (before.length >= 2) {
    if (after.length > 0) compareNode(list.items, undefined, after[0], element, into)
    hang(into.removed, element, into.removed[element] ?? {}, true)
  } else {
    if (before.length > 0) compareNode(list.items, before[0], undefined, element, into)
    hang(into.changed, element, into.changed[element] ?? {}, true)
  }
}

function group(list: ListOf, value: unknown): Map<Element, unknown[]> {
  const groups = new Map<Element, unknown[]>()
  if (!Array.isArray(value)) return groups
  value.forEach((item, index) => {
    const element = itemElementOr(list, item, index)
    const known = groups.get(element)
    if (known) known.push(item)
    else groups.set(element, [item])
  })
  return groups
}
