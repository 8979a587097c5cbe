import { listKind, mapKind, nodeOf, structKind } from './plan'
import type { Node } from './plan'
import type { Schema } from './schema'

type Plain = Record<string, unknown>

/**
 * Drops fields that the schema does not know, in place, and does nothing else: values that do not fit stay for the validation to
 * refuse, as custom resources want it. `unknown` hears the path of each.
 */
export function prune(schema: Schema, value: unknown, unknown?: (path: string) => void, path = ''): void {
  pruneNode(nodeOf(schema), value, unknown, path)
}

function pruneNode(node: Node, value: unknown, unknown: ((path: string) => void) | undefined, path: string): void {
  if (typeof value !== 'object' || value === null) return
  if (node.kind === listKind) {
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) pruneNode(node.item!, value[i], unknown, unknown ? `${path}[${i}]` : path)
    return
  }
  if (Array.isArray(value)) return
  const object = value as Plain
  if (node.kind === mapKind) {
    for (const key in object) pruneNode(node.item!, object[key], unknown, unknown ? join(path, key) : path)
    return
  }
  if (node.kind !== structKind) return
  const plan = node.struct!
  for (const key in object) {
    const field = plan.fields.get(key)
    if (field) pruneNode(field.node, object[key], unknown, unknown ? join(path, key) : path)
    else if (!plan.preserveUnknown) {
      unknown?.(join(path, key))
      delete object[key]
    }
  }
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)
