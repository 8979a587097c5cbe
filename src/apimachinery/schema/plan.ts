import type { Schema, Struct } from './schema'

/** Kinds of values as small numbers: the walk switches on them. */
export const stringKind = 0
export const booleanKind = 1
export const int32Kind = 2
export const int64Kind = 3
export const doubleKind = 4
export const bytesKind = 5
export const timeKind = 6
export const microTimeKind = 7
export const quantityKind = 8
export const intOrStringKind = 9
export const structKind = 10
export const listKind = 11
export const mapKind = 12
export const untypedKind = 13
export const eitherKind = 14

const kinds = {
  string: stringKind, boolean: booleanKind, int32: int32Kind, int64: int64Kind, double: doubleKind, bytes: bytesKind, time: timeKind,
  microTime: microTimeKind, quantity: quantityKind, intOrString: intOrStringKind, struct: structKind, list: listKind, map: mapKind, untyped: untypedKind,
} as const

/** A schema made ready for walks: one shape of object for all kinds, so that the walk's reads stay fast. */
export interface Node {
  readonly kind: number
  readonly schema: Schema
  /** Of a struct. */
  readonly struct: StructPlan | undefined
  /** Of a list's items or a map's values. */
  readonly item: Node | undefined
  /** By JSON type. */
  readonly either: readonly Node[]
}

export interface FieldPlan {
  readonly name: string
  readonly node: Node
  readonly kind: number
  /** A zero value is dropped. */
  readonly drop: boolean
  /** A zero value was meant: no default takes its place. */
  readonly keep: boolean
  readonly always: boolean
  readonly nullable: boolean
  readonly empty: unknown
  /** undefined when there is none. */
  readonly default: unknown
}

export interface StructPlan {
  readonly name: string
  readonly preserveUnknown: boolean
  readonly fields: ReadonlyMap<string, FieldPlan>
  /** Fields that are filled in when absent: always written, or with a default. */
  readonly fill: readonly FieldPlan[]
  /** Fields below which something may be filled in. Found when first asked, since types refer to each other in circles. */
  below(): readonly FieldPlan[]
}

const plans = new WeakMap<Struct, StructPlan>()
const nodes = new WeakMap<Schema, Node>()

export function planOf(struct: Struct): StructPlan {
  let plan = plans.get(struct)
  if (!plan) {
    plan = makePlan(struct)
    plans.set(struct, plan)
  }
  return plan
}

export function nodeOf(schema: Schema): Node {
  let node = nodes.get(schema)
  if (!node) {
    node = new LazyNode(schema)
    nodes.set(schema, node)
  }
  return node
}

/** Parts are made when first read: JSONSchemaProps holds itself. */
class LazyNode implements Node {
  readonly kind: number
  readonly schema: Schema
  #struct: StructPlan | undefined
  #item: Node | undefined
  #either: readonly Node[] | undefined

  constructor(schema: Schema) {
    this.schema = schema
    this.kind = schema.type === 'untyped' && schema.either ? eitherKind : kinds[schema.type]
  }
  get struct(): StructPlan | undefined {
    if (this.#struct === undefined && this.schema.type === 'struct') this.#struct = planOf(this.schema)
    return this.#struct
  }
  get item(): Node | undefined {
    if (this.#item === undefined) {
      if (this.schema.type === 'list') this.#item = nodeOf(this.schema.items)
      else if (this.schema.type === 'map') this.#item = nodeOf(this.schema.values)
    }
    return this.#item
  }
  get either(): readonly Node[] {
    this.#either ??= this.schema.type === 'untyped' ? (this.schema.either ?? []).map(nodeOf) : []
    return this.#either
  }
}

function makePlan(struct: Struct): StructPlan {
  const fields = new Map<string, FieldPlan>()
  const fill: FieldPlan[] = []
  for (const { name, schema, zero, empty, nullable = false, default: constant } of struct.fields.values()) {
    const node = nodeOf(schema)
    const field: FieldPlan = {
      name, node, kind: node.kind, drop: zero === 'drop', keep: zero === 'keep' || empty === null, always: zero === 'always', nullable, empty, default: constant,
    }
    fields.set(name, field)
    if (field.always || constant !== undefined) fill.push(field)
  }
  let below: readonly FieldPlan[] | undefined
  return {
    name: struct.name,
    preserveUnknown: struct.preserveUnknown,
    fields,
    fill,
    below: () => (below ??= [...fields.values()].filter((field) => fillsBelow(field.node, new Set()))),
  }
}

function fillsBelow(node: Node, seen: Set<Node>): boolean {
  if (seen.has(node)) return false
  seen.add(node)
  if (node.item) return fillsBelow(node.item, seen)
  if (!node.struct) return false
  if (node.struct.fill.length > 0) return true
  for (const field of node.struct.fields.values()) if (fillsBelow(field.node, seen)) return true
  return false
}
