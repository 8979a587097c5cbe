import { listKind, mapKind, structKind } from './plan'
import type { FieldPlan, Node, StructPlan } from './plan'

type Plain = Record<string, unknown>

/**
 * Fills in what is absent in one struct: a default, or the empty value of what is always written. What it creates is filled in
 * itself; what was there is not looked into.
 */
export function fillStruct(plan: StructPlan, object: Plain, defaults: boolean, always: boolean): void {
  const { fill } = plan
  for (let i = 0; i < fill.length; i++) {
    const field = fill[i]!
    const value = object[field.name]
    if (defaults && field.default !== undefined) {
      if (value !== undefined && (value === null ? field.nullable : field.keep || !isZero(value))) continue
      object[field.name] = created(field, field.default, defaults, always)
    } else if (always && field.always && (value === undefined || isNoList(field, value))) object[field.name] = created(field, field.empty, defaults, always)
  }
}

/** A list without items does not come through protobuf, in which the original stores: it is null from then on. */
const isNoList = (field: FieldPlan, value: unknown): boolean => field.empty === null && Array.isArray(value) && value.length === 0

function created(field: FieldPlan, value: unknown, defaults: boolean, always: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value
  const copy = copyOf(value)
  fillBelow(field.node, copy, defaults, always)
  return copy
}

/** A default may be an object or a list of a custom resource's schema: each object gets its own. */
function copyOf(value: object): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => (typeof item === 'object' && item !== null ? copyOf(item) : item))
  const copy: Plain = {}
  for (const [key, item] of Object.entries(value)) copy[key] = typeof item === 'object' && item !== null ? copyOf(item as object) : item
  return copy
}

/** Fills in at every depth. Looks only into fields below which something can be missing, and not into what is still `before`. */
export function fillBelow(node: Node, value: unknown, defaults: boolean, always: boolean, before?: unknown): void {
  if (typeof value !== 'object' || value === null || value === before) return
  if (node.kind === structKind) {
    if (Array.isArray(value)) return
    const plan = node.struct!
    const object = value as Plain
    if (plan.fill.length > 0) fillStruct(plan, object, defaults, always)
    const below = plan.below()
    for (let i = 0; i < below.length; i++) {
      const field = below[i]!
      const child = object[field.name]
      if (child !== undefined) fillBelow(field.node, child, defaults, always, (before as Plain | null | undefined)?.[field.name])
    }
  } else if (node.kind === listKind) {
    if (!Array.isArray(value)) return
    const was = Array.isArray(before) ? (before as unknown[]) : undefined
    for (let i = 0; i < value.length; i++) fillBelow(node.item!, value[i], defaults, always, was?.[i])
  } else if (node.kind === mapKind) {
    const object = value as Plain
    for (const key in object) fillBelow(node.item!, object[key], defaults, always, (before as Plain | null | undefined)?.[key])
  }
}

export function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return true
  return Array.isArray(value) && value.length === 0
}
