import { isObject } from '#apimachinery/patch/json-kind'
import type { Schema } from '../schema/schema'
import { has, isEmpty, type FieldSet } from './field-set'
import { deduce, entrySchema, isLeaf } from './object-set'
import { itemElementOr, type Element } from './path-element'

/**
 * A value without what a set names. A map or list that loses items while it is not named itself stays, empty if need be;
 * what is owned as a whole goes when anything in it is named. `undefined` when nothing is left.
 */
export function removeItems(declared: Schema, value: unknown, set: FieldSet): unknown {
  const schema = deduce(declared, value)
  if (schema.type === 'list') {
    if (isLeaf(schema) || !Array.isArray(value) || value.length === 0) return undefined
    const kept: unknown[] = []
    let touched = false
    value.forEach((item, index) => {
      const left = keepChild(schema.items, item, set, itemElementOr(schema, item, index))
      if (left !== item) touched = true
      if (left !== undefined) kept.push(left)
    })
    if (!touched) return value
    return kept.length > 0 ? kept : undefined
  }
  if (schema.type !== 'struct' && schema.type !== 'map') return value
  if (isLeaf(schema) || !isObject(value) || isEmptyObject(value)) return undefined
  let copy: Record<string, unknown> | undefined
  let inner = false
  for (const [key, child] of Object.entries(value)) {
    const element: Element = `f:${key}`
    const known = schema.type === 'struct' ? schema.fields.get(key)?.schema : undefined
    const left = keepChild(known ?? entrySchema(schema, child), child, set, element)
    if (left === child) continue
    copy ??= { ...value }
    if (left === undefined) delete copy[key]
    else {
      copy[key] = left
      inner = true
    }
  }
  if (!copy) return value
  return inner || !isEmptyObject(copy) ? copy : undefined
}

/** The child itself when the set says nothing of it, `undefined` when it is to go. */
function keepChild(schema: Schema, child: unknown, set: FieldSet, element: Element): unknown {
  if (has(set, [element])) return undefined
  const below = set[element]
  if (!below || isEmpty(below)) return child
  const left = removeItems(schema, child, below)
  if (left !== undefined) return left
  return Array.isArray(child) ? [] : isObject(child) ? {} : null
}

const isEmptyObject = (value: object): boolean => Object.keys(value).length === 0

/** A set with every named field as a member on the way to a member: what a manager of `.spec.replicas` has of `.spec`. */
export function withNamedFields(schema: Schema | undefined, set: FieldSet): FieldSet {
  const out: FieldSet = {}
  for (const element in set) {
    if (element === '.') {
      out['.'] = {}
      continue
    }
    const node = set[element]!
    if (isEmpty(node)) {
      out[element] = node
      continue
    }
    const name = element.slice(2)
    let child: Schema | undefined
    let named = false
    if (element[0] === 'f' && schema?.type === 'struct') {
      const field = schema.fields.get(name)
      named = field !== undefined
      child = field?.schema
    } else if (element[0] === 'f' && schema?.type === 'map') child = schema.values
    else if (element[0] === 'k' && schema?.type === 'list') child = schema.items
    const inner = withNamedFields(child, node)
    if (named) inner['.'] = {}
    out[element] = inner
  }
  return out
}
