import { isObject } from '#apimachinery/patch/json-kind'
import type { Field, ListOf, Schema, Struct } from '../schema/schema'
import { deduce, deducedMap, entrySchema, isLeaf } from './object-set'
import { compareItems, fieldElement, quotedItemElement } from './path-element'

/** Fields of metadata that nobody owns, since the server sets them. */
export const unownedMetadata: ReadonlySet<string> = new Set([
  'name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion',
])

/**
 * The FieldsV1 text of a new object, written in one walk; `''` when nobody owns anything of it. What an object of the kind
 * has even when it is empty (`spec`, `spec.template`) was not added by its creator, so only what is in it counts.
 */
export function createdFields(schema: Struct, object: Readonly<Record<string, unknown>>, reset: ReadonlySet<string>): string {
  let text = ''
  for (const { name, head, field } of planOf(schema, object)) {
    const value = object[name]
    if (value === undefined || name === 'apiVersion' || name === 'kind' || reset.has(name)) continue
    let part: string
    if (name === 'metadata') part = metadataText(field, value)
    else part = field ? fieldText(field, value, true) : nodeText(entrySchema(schema, value), value)
    if (part !== '') text += text === '' ? head + part : `,${head}${part}`
  }
  return text === '' ? '' : `{${text}}`
}

function metadataText(field: Field | undefined, metadata: unknown): string {
  if (field?.schema.type !== 'struct' || !isObject(metadata)) return ''
  let text = ''
  for (const { name, head, field: inner } of planOf(field.schema, metadata)) {
    const value = metadata[name]
    if (value === undefined || unownedMetadata.has(name)) continue
    const part = inner ? fieldText(inner, value, false) : nodeText(entrySchema(field.schema, value), value)
    if (part !== '') text += text === '' ? head + part : `,${head}${part}`
  }
  return text === '' ? '' : `{${text}}`
}

/** What a field contributes, `''` for nothing; `inBase` when its parent is there even in an empty object. */
function fieldText(field: Field, value: unknown, inBase: boolean): string {
  if (!inBase || field.zero !== 'always') return nodeText(field.schema, value)
  const { schema } = field
  // The empty object has this field: a leaf counts when it has another value, anything else only by what is in it.
  if (isLeaf(schema)) return sameAsEmpty(field.empty, value) ? '' : '{}'
  if (isHollow(value)) return ''
  if (schema.type === 'list') return Array.isArray(value) ? itemsText(schema, value, '') : ''
  return isObject(value) ? entriesText(schema, value, '', schema.type === 'struct') : ''
}

const sameAsEmpty = (empty: unknown, value: unknown): boolean => empty === value || (isHollow(empty) && isHollow(value) && (empty === null) === (value === null))

function isHollow(value: unknown): boolean {
  if (value === null) return true
  if (typeof value !== 'object') return false
  for (const _ in value) return false
  return true
}

const itself = '".":{}'

/** The node of a value that is new as a whole: every part of it, and itself. */
function nodeText(declared: Schema, value: unknown): string {
  if (typeof value !== 'object' || isHollow(value)) return '{}'
  const schema = deduce(declared, value)
  if (isLeaf(schema)) return '{}'
  if (schema.type === 'list') return Array.isArray(value) ? itemsText(schema, value, itself) : '{}'
  return isObject(value) ? entriesText(schema, value, itself, false) : '{}'
}

function itemsText(list: ListOf, items: readonly unknown[], start: string): string {
  let text = start
  if (items.length > 1) items = inOrder(list, items)
  let last = ''
  for (let i = 0; i < items.length; i++) {
    const head = quotedItemElement(list, items[i], i)
    if (head === last) continue
    last = head
    // Of duplicates, only that they are there.
    const twice = i + 1 < items.length && compareItems(list, items[i], items[i + 1]) === 0
    text += `${text === '' ? '' : ','}${head}:${twice ? '{}' : nodeText(list.items, items[i])}`
  }
  return `{${text}}`
}

function inOrder(list: ListOf, items: readonly unknown[]): readonly unknown[] {
  for (let i = 1; i < items.length; i++) {
    if (compareItems(list, items[i - 1], items[i]) > 0) return [...items].sort((a, b) => compareItems(list, a, b))
  }
  return items
}

function entriesText(schema: Schema, value: Record<string, unknown>, start: string, inBase: boolean): string {
  let text = start
  if (schema.type === 'struct' && schema !== deducedMap) {
    const plan = planOf(schema, value)
    for (let i = 0; i < plan.length; i++) {
      const { name, head, field } = plan[i]!
      const child = value[name]
      if (child === undefined) continue
      if (!inBase && typeof child !== 'object') {
        text += text === '' ? `${head}{}` : `,${head}{}`
        continue
      }
      const part = field ? fieldText(field, child, inBase) : nodeText(entrySchema(schema, child), child)
      if (part !== '') text += text === '' ? head + part : `,${head}${part}`
    }
  } else {
    const keys = Object.keys(value)
    for (const key of keys.length > 1 ? keys.sort() : keys) {
      const child = value[key]
      if (child === undefined) continue
      const part = nodeText(entrySchema(schema, child), child)
      text += text === '' ? headOf(key) + part : `,${headOf(key)}${part}`
    }
  }
  return text === '' ? '' : `{${text}}`
}

interface Step {
  readonly name: string
  /** `"f:name":` */
  readonly head: string
  readonly field: Field | undefined
}
const plans = new WeakMap<Struct, readonly Step[]>()

/** The fields of a struct by name, made once; of one that keeps unknown fields, those of this value. */
function planOf(schema: Struct, value: Readonly<Record<string, unknown>>): readonly Step[] {
  if (schema.preserveUnknown) return Object.keys(value).sort().map((name) => ({ name, head: headOf(name), field: schema.fields.get(name) }))
  let plan = plans.get(schema)
  if (!plan) {
    plan = [...schema.fields.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map((field) => ({ name: field.name, head: headOf(field.name), field }))
    plans.set(schema, plan)
  }
  return plan
}

const heads = new Map<string, string>()
/** Labels and other keys of maps come again and again. */
function headOf(name: string): string {
  let head = heads.get(name)
  if (head === undefined) {
    head = `${JSON.stringify(fieldElement(name))}:`
    if (heads.size < 5_000) heads.set(name, head)
  }
  return head
}
