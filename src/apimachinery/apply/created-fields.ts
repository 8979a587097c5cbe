import { isObject } from '#apimachinery/patch/json-kind'
import type { Field, Schema } from '../schema/schema'
import { deducedMap, entrySchema, isLeaf } from './object-set'
import { compareElements, fieldElement, itemElementOr } from './path-element'

/** Fields of metadata that nobody owns, since the server sets them. */
export const unownedMetadata: ReadonlySet<string> = new Set([
  'name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion',
])

/**
 * The FieldsV1 text of a new object, written in one walk; `''` when nobody owns anything of it. What an object of the kind
 * has even when it is empty (`spec`, `spec.template`) was not added by its creator, so only what is in it counts.
 */
export function createdFields(schema: Schema, object: unknown, reset: ReadonlySet<string>): string {
  if (schema.type !== 'struct' || !isObject(object)) return ''
  let text = ''
  for (const [name, field] of inOrder(schema, object)) {
    if (name === 'apiVersion' || name === 'kind' || reset.has(name)) continue
    const value = object[name]
    const part = name === 'metadata' ? metadataText(field, value) : field ? fieldText(field, value, true) : nodeText(entrySchema(schema, value), value)
    if (part === undefined) continue
    text += `${text === '' ? '{' : ','}${quoted(fieldElement(name))}:${part}`
  }
  return text === '' ? '' : `${text}}`
}

function metadataText(field: Field | undefined, value: unknown): string | undefined {
  if (field?.schema.type !== 'struct' || !isObject(value)) return undefined
  let text = ''
  for (const [name, inner] of inOrder(field.schema, value)) {
    if (unownedMetadata.has(name)) continue
    const part = inner ? fieldText(inner, value[name], false) : nodeText(entrySchema(field.schema, value[name]), value[name])
    if (part !== undefined) text += `${text === '' ? '{' : ','}${quoted(fieldElement(name))}:${part}`
  }
  return text === '' ? undefined : `${text}}`
}

/** What a field contributes; `inBase` when its parent is there even in an empty object. */
function fieldText(field: Field, value: unknown, inBase: boolean): string | undefined {
  if (value === undefined) return undefined
  if (!inBase || field.zero !== 'always') return nodeText(field.schema, value)
  const { schema } = field
  // The empty object has this field: a leaf counts when it has another value, anything else only by what is in it.
  if (isLeaf(schema)) return sameAsEmpty(field.empty, value) ? undefined : '{}'
  if (schema.type === 'list') return isHollow(value) ? undefined : itemsText(schema, value as unknown[], false)
  if (!isObject(value)) return undefined
  return isHollow(value) ? undefined : entriesText(schema, value, false, schema.type === 'struct')
}

const sameAsEmpty = (empty: unknown, value: unknown): boolean => empty === value || (isHollow(empty) && isHollow(value) && (empty === null) === (value === null))

function isHollow(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (typeof value !== 'object') return false
  for (const _ in value) return false
  return true
}

/** The node of a value that is new as a whole: every part of it, and itself. */
function nodeText(schema: Schema, value: unknown): string {
  if (isLeaf(schema) || isHollow(value)) return '{}'
  if (schema.type === 'list') return Array.isArray(value) ? (itemsText(schema, value, true) ?? '{}') : '{}'
  return isObject(value) ? (entriesText(schema, value, true, false) ?? '{}') : '{}'
}

const itself = '".":{}'

function itemsText(list: Schema & { type: 'list' }, items: readonly unknown[], member: boolean): string | undefined {
  const nodes = new Map<string, string>()
  items.forEach((item, index) => {
    const element = itemElementOr(list, item, index)
    // Of duplicates, only that they are there.
    nodes.set(element, nodes.has(element) ? '{}' : nodeText(list.items, item))
  })
  let text = member ? itself : ''
  const elements = nodes.size > 1 ? [...nodes.keys()].sort(compareElements) : nodes.keys()
  for (const element of elements) text += `${text === '' ? '' : ','}${JSON.stringify(element)}:${nodes.get(element)!}`
  return text === '' ? undefined : `{${text}}`
}

function entriesText(schema: Schema, value: Record<string, unknown>, member: boolean, inBase: boolean): string | undefined {
  let text = member ? itself : ''
  if (schema.type === 'struct' && schema !== deducedMap) {
    for (const [name, field] of inOrder(schema, value)) {
      const child = value[name]
      const part = field ? fieldText(field, child, inBase) : child === undefined ? undefined : nodeText(entrySchema(schema, child), child)
      if (part !== undefined) text += `${text === '' ? '' : ','}${quoted(fieldElement(name))}:${part}`
    }
  } else {
    for (const key of Object.keys(value).sort()) {
      const child = value[key]
      if (child !== undefined) text += `${text === '' ? '' : ','}${quoted(fieldElement(key))}:${nodeText(entrySchema(schema, child), child)}`
    }
  }
  return text === '' ? undefined : `{${text}}`
}

/** The fields that a value has, by name. */
function* inOrder(schema: Schema & { type: 'struct' }, value: Record<string, unknown>): Generator<[string, Field | undefined]> {
  for (const name of Object.keys(value).sort()) yield [name, schema.fields.get(name)]
}

const quotedNames = new Map<string, string>()
/** Field names come from schemas for the most part: few, and asked for again and again. */
function quoted(element: string): string {
  let text = quotedNames.get(element)
  if (text === undefined) {
    text = JSON.stringify(element)
    if (quotedNames.size < 5_000) quotedNames.set(element, text)
  }
  return text
}
