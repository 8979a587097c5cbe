import { isObject } from '#apimachinery/patch/json-kind'
import type { ListOf, Schema } from '../schema/schema'
import { deduce, deducedMap, entrySchema, isLeaf } from './object-set'
import { itemElementOr, type Element } from './path-element'

/**
 * Lays a configuration over the live value: leaves of the configuration win, lists that merge keep the server's items, and
 * items that both have come in the configuration's order. `undefined` stands for an absent value. Shares what stays.
 */
export function merge(declared: Schema, live: unknown, config: unknown): unknown {
  if (config === undefined || live === config) return live
  const schema = deduce(declared, live, config)
  if (live === undefined || isLeaf(schema)) return config
  if (schema.type === 'list') return mergeItems(schema, live, config)
  return mergeFields(schema, live, config)
}

function mergeFields(schema: Schema, live: unknown, config: unknown): unknown {
  const left = isObject(live) ? live : undefined
  const right = isObject(config) ? config : undefined
  if (isBare(left) && isBare(right)) return config
  // Null says nothing about what is in a map.
  if (!right) return schema === deducedMap && config !== null ? config : live
  if (!left) return config
  let merged: Record<string, unknown> | undefined
  for (const key in right) {
    const before = left[key]
    const known = schema.type === 'struct' ? schema.fields.get(key)?.schema : undefined
    const after = merge(known ?? entrySchema(schema, before, right[key]), before, right[key])
    if (after === before) continue
    merged ??= { ...left }
    merged[key] = after
  }
  return merged ?? live
}

const isBare = (value: object | undefined): boolean => value === undefined || Object.keys(value).length === 0

function mergeItems(list: ListOf, live: unknown, config: unknown): unknown {
  const left = Array.isArray(live) ? live : []
  const right = Array.isArray(config) ? config : []
  if (left.length === 0 && right.length === 0) return config
  if (right.length === 0) return live
  const theirs = right.map((item, i) => itemElementOr(list, item, i))
  const ours = left.map((item, i) => itemElementOr(list, item, i))
  const configured = new Map(theirs.map((element, i) => [element, right[i]]))
  const existing = new Map<Element, unknown>()
  // What is there twice is not merged into: the configuration takes its place.
  ours.forEach((element, i) => existing.set(element, existing.has(element) ? undefined : left[i]))
  const there = new Set(ours)

  const shared = theirs.filter((element) => there.has(element))
  const merged: unknown[] = []
  const done = new Set<Element>()
  const take = (element: Element): void => {
    done.add(element)
    merged.push(merge(list.items, existing.get(element), configured.get(element)))
    if (shared[0] === element) shared.shift()
  }
  let l = 0
  let r = 0
  while (l < ours.length || r < theirs.length) {
    if (l < ours.length && r < theirs.length && ours[l] === theirs[r]) {
      take(ours[l]!)
      l++
      r++
    } else if (l < ours.length && !configured.has(ours[l]!)) {
      merged.push(left[l++])
    } else if (l < ours.length && r < theirs.length && shared.length > 0 && shared[0] !== ours[l]) {
      // It comes later, where the configuration wants it.
      l++
    } else {
      if (l < ours.length && done.has(ours[l]!)) l++
      if (r < theirs.length) take(theirs[r++]!)
    }
  }
  return merged.length === left.length && merged.every((item, i) => item === left[i]) ? live : merged
}
