import { DecodeError } from './decode-error'
import { applyDefaults, normalize } from './normalize'
import { listKind, mapKind, nodeOf, structKind, type Node, type StructPlan } from './plan'
import type { Struct } from './schema'

type Plain = Record<string, unknown>

/**
 * What reading a custom resource does to it, in place: drops unknown fields and nulls that mean nothing, reads metadata (its own and
 * that of embedded resources) as the built-in type it is, and fills in defaults. Values that do not fit stay for the validation to
 * refuse. `unknown` hears the paths of what is dropped. Throws DecodeError for metadata that cannot be read.
 */
export function decodeCustom(struct: Struct, object: object, unknown?: (path: string) => void): void {
  const { metadata } = object as Plain
  if (metadata !== undefined) readMetadata(metadata, struct, unknown, '')
  if (!unknown) pruneStruct(nodeOf(struct).struct!, object as Plain, undefined, '', true)
  else {
    const dropped: string[] = []
    pruneStruct(nodeOf(struct).struct!, object as Plain, (path) => dropped.push(path), '', true)
    for (const path of dropped.sort()) unknown(path)
  }
  applyDefaults(struct, object)
}

function readMetadata(metadata: unknown, struct: Struct, unknown: ((path: string) => void) | undefined, path: string): void {
  const schema = struct.fields.get('metadata')!.schema
  normalize(schema, metadata as object, { defaults: true, always: false, ...(unknown ? { unknown: (below: string) => unknown(join(join(path, 'metadata'), below)) } : {}) })
}

function prune(node: Node, value: unknown, unknown: ((path: string) => void) | undefined, path: string): void {
  if (typeof value !== 'object' || value === null) return
  if (node.kind === listKind) {
    if (!Array.isArray(value)) return
    const item = node.item!
    if (item.kind !== structKind && item.kind !== mapKind && item.kind !== listKind) return
    for (let i = 0; i < value.length; i++) prune(item, value[i], unknown, unknown ? `${path}[${i}]` : '')
    return
  }
  if (Array.isArray(value)) return
  if (node.kind === structKind) pruneStruct(node.struct!, value as Plain, unknown, path, false)
  else if (node.kind === mapKind) {
    const item = node.item!
    if (item.kind !== structKind && item.kind !== mapKind && item.kind !== listKind) return
    for (const key in value) prune(item, (value as Plain)[key], unknown, unknown ? join(path, key) : '')
  }
}

function pruneStruct(plan: StructPlan, object: Plain, unknown: ((path: string) => void) | undefined, path: string, root: boolean): void {
  const { fields } = plan
  for (const key in object) {
    const field = fields.get(key)
    if (field === undefined) {
      if (plan.preserveUnknown) continue
      unknown?.(join(path, key))
      delete object[key]
      continue
    }
    const value = object[key]
    if (value === null || value === undefined) {
      // A default takes the place of a null that is no value.
      if (value === undefined || !field.nullable) delete object[key]
    } else if (typeof value === 'object') {
      const { schema } = field.node
      if (schema.type === 'struct' && schema.origin === 'meta/v1') {
        if (!root) readEmbedded(object, schema, unknown, path)
      } else prune(field.node, value, unknown, unknown ? join(path, key) : '')
    }
  }
}

function readEmbedded(object: Plain, schema: Struct, unknown: ((path: string) => void) | undefined, path: string): void {
  const metadata = object['metadata'] as Plain
  try {
    normalize(schema, metadata, { defaults: true, always: false, ...(unknown ? { unknown: (below: string) => unknown(join(join(path, 'metadata'), below)) } : {}) })
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause
    throw new DecodeError(`${join(path, 'metadata')}: Invalid value: ${JSON.stringify(metadata)}: ${cause.message}`, { cause })
  }
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)
