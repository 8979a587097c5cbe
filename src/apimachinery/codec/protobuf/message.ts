import { nodeOf } from '../../schema/plan'
import type { Node } from '../../schema/plan'
import type { Field, Struct } from '../../schema/schema'

/** A struct as protobuf lays it out. */
export interface Message {
  /** Ascending by number. */
  readonly fields: readonly MessageField[]
  readonly byNumber: readonly (MessageField | undefined)[]
}

export interface MessageField {
  readonly number: number
  readonly name: string
  readonly kind: number
  readonly node: Node
  /** A zero value says nothing: readers of JSON do not see it. */
  readonly drop: boolean
  /** A message within the message whose fields JSON shows among those of the struct itself. */
  readonly embedded: Message | undefined
}

// Structs that differ in ownership alone share their fields.
const messages = new WeakMap<ReadonlyMap<string, Field>, Message>()

export function messageOf({ fields }: Struct): Message {
  let message = messages.get(fields)
  if (!message) messages.set(fields, (message = makeMessage([...fields.values()].filter(({ proto }) => proto.length > 0), 0)))
  return message
}

function makeMessage(all: readonly Field[], depth: number): Message {
  const groups = new Map<number, Field[]>()
  for (const field of all) {
    const number = field.proto[depth]!
    const group = groups.get(number)
    if (group) group.push(field)
    else groups.set(number, [field])
  }
  const fields = [...groups].sort(([a], [b]) => a - b).map(([number, group]) => makeField(number, group, depth))
  const byNumber: (MessageField | undefined)[] = []
  for (const field of fields) {
    while (byNumber.length < field.number) byNumber.push(undefined)
    byNumber[field.number] = field
  }
  return { fields, byNumber }
}

function makeField(number: number, group: readonly Field[], depth: number): MessageField {
  const first = group[0]!
  const node = nodeOf(first.schema)
  const embedded = first.proto.length > depth + 1 ? makeMessage(group, depth + 1) : undefined
  return { number, name: first.name, kind: node.kind, node, drop: first.zero === 'drop', embedded }
}
