import {
  booleanKind, bytesKind, doubleKind, eitherKind, int32Kind, int64Kind, intOrStringKind, listKind, mapKind, microTimeKind, quantityKind, stringKind,
  structKind, timeKind, untypedKind,
} from '../../schema/plan'
import type { Node } from '../../schema/plan'
import type { Struct } from '../../schema/schema'
import { choicesOf } from './choices'
import { messageOf, type Message } from './message'
import { bytesWire } from './reader'
import { writeIntOrString, writeQuantity, writeRaw, writeTime } from './well-known'
import { wireOf } from './wire'
import { Writer } from './writer'

type Plain = Readonly<Record<string, unknown>>

/**
 * The message of a struct, its fields in the order of their numbers, maps sorted by key. What the object has is written, zero or not;
 * what it lacks is left out: zero for fields that are no pointers, and not set for those that are. Throws TimeError or DecodeError
 * where the object was not normalized.
 */
export function encodeMessage(struct: Struct, object: object): Uint8Array {
  const writer = new Writer()
  writeMessage(writer, messageOf(struct), object as Plain)
  return writer.finish()
}

function writeMessage(writer: Writer, { fields }: Message, object: Plain): void {
  for (let i = fields.length - 1; i >= 0; i--) {
    const { name, number, kind, node, embedded } = fields[i]!
    if (embedded !== undefined) {
      const before = writer.size
      writeMessage(writer, embedded, object)
      if (writer.size === before) continue
      writer.lengthSince(before)
      writer.tag(number, bytesWire)
      continue
    }
    const value = object[name]
    if (value === undefined || value === null) continue
    if (kind === listKind) writeItems(writer, number, node.item!, value as readonly unknown[])
    else if (kind === mapKind) writeEntries(writer, number, node.item!, value as Plain)
    else {
      writeValue(writer, node, value)
      writer.tag(number, wireOf(kind))
    }
  }
}

function writeItems(writer: Writer, number: number, item: Node, list: readonly unknown[]): void {
  const wire = wireOf(item.kind)
  for (let i = list.length - 1; i >= 0; i--) {
    writeValue(writer, item, list[i])
    writer.tag(number, wire)
  }
}

function writeEntries(writer: Writer, number: number, values: Node, map: Plain): void {
  const keys = Object.keys(map).sort()
  const wire = wireOf(values.kind)
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i]!
    const before = writer.size
    writeValue(writer, values, map[key])
    writer.tag(2, wire)
    writer.string(key)
    writer.tag(1, bytesWire)
    writer.lengthSince(before)
    writer.tag(number, bytesWire)
  }
}

/** Without its tag. */
function writeValue(writer: Writer, node: Node, value: unknown): void {
  switch (node.kind) {
    case stringKind:
      writer.string(value as string)
      return
    case booleanKind:
      writer.unsigned(value === true ? 1 : 0)
      return
    case int32Kind:
    case int64Kind:
      writer.signed(value as number)
      return
    case doubleKind:
      writer.double(value as number)
      return
    case bytesKind:
      writer.base64((value ?? '') as string)
      return
    case timeKind:
    case microTimeKind:
      writeTime(writer, value as string | null, node.kind === microTimeKind)
      return
    case quantityKind:
      writeQuantity(writer, String(value))
      return
    case intOrStringKind:
      writeIntOrString(writer, value as number | string)
      return
    case untypedKind:
      writeRaw(writer, value)
      return
    case structKind: {
      const before = writer.size
      writeMessage(writer, messageOf(node.schema as Struct), value as Plain)
      writer.lengthSince(before)
      return
    }
    case eitherKind:
      writeEither(writer, node, value)
      return
    case listKind: {
      // A map cannot hold lists: each stands in a message of its own, as field 1.
      const before = writer.size
      writeItems(writer, 1, node.item!, (value ?? []) as readonly unknown[])
      writer.lengthSince(before)
      return
    }
    default:
      throw new TypeError(`no protobuf form is known for a ${node.schema.type} here`)
  }
}

function writeEither(writer: Writer, node: Node, value: unknown): void {
  const { flag, single, list } = choicesOf(node)
  const before = writer.size
  if (list && Array.isArray(value)) writeItems(writer, 2, list.item!, value)
  else if (flag) {
    const plain = typeof value === 'boolean'
    if (!plain) {
      writeValue(writer, single, value)
      writer.tag(2, wireOf(single.kind))
    }
    // Readers take a schema for leave.
    writeValue(writer, flag, !plain || value)
    writer.tag(1, wireOf(flag.kind))
  } else {
    writeValue(writer, single, value)
    writer.tag(1, wireOf(single.kind))
  }
  writer.lengthSince(before)
}
