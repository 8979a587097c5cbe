import { DecodeError } from '../../schema/decode-error'
import {
  booleanKind, bytesKind, doubleKind, eitherKind, int32Kind, int64Kind, intOrStringKind, listKind, mapKind, microTimeKind, quantityKind, stringKind,
  structKind, timeKind, untypedKind,
} from '../../schema/plan'
import type { Node } from '../../schema/plan'
import type { Struct } from '../../schema/schema'
import { choicesOf } from './choices'
import { messageOf, type Message, type MessageField } from './message'
import { bytesWire, Reader } from './reader'
import { readIntOrString, readQuantity, readRaw, readTime } from './well-known'
import { wireOf } from './wire'

type Plain = Record<string, unknown>

/** Deeper messages are refused: each takes several calls, and a stack is not endless. */
const maxDepth = 500

/** A struct's fields as JSON has them, read out of its message. Unknown fields are passed over, as Go does. Throws DecodeError. */
export function decodeMessage(struct: Struct, bytes: Uint8Array): Plain {
  const object: Plain = {}
  readMessage(new Reader(bytes), messageOf(struct), object, struct.name, 0)
  return object
}

function readMessage(reader: Reader, message: Message, object: Plain, name: string, depth: number): void {
  if (depth > maxDepth) throw new DecodeError(`proto: ${name} is nested deeper than ${maxDepth} messages`)
  const { byNumber } = message
  while (reader.more) {
    const tag = reader.tag()
    const wire = tag & 7
    const field = byNumber[tag >>> 3]
    if (field === undefined) {
      if (wire === 4) throw new DecodeError(`proto: ${name}: wiretype end group for non-group`)
      reader.skip(wire)
    } else if (field.embedded !== undefined) {
      if (wire !== bytesWire) throw wrongWire(wire, field.name)
      const outer = reader.open()
      readMessage(reader, field.embedded, object, name, depth + 1)
      reader.close(outer)
    } else readField(reader, field, wire, object, depth)
  }
}

function readField(reader: Reader, field: MessageField, wire: number, object: Plain, depth: number): void {
  const { name, kind, node } = field
  if (kind === listKind) {
    readItems(reader, node.item!, wire, name, (object[name] ??= []) as unknown[], depth)
    return
  }
  if (kind === mapKind) {
    if (wire !== bytesWire) throw wrongWire(wire, name)
    readEntry(reader, node.item!, name, (object[name] ??= {}) as Plain, depth)
    return
  }
  const value = readValue(reader, node, wire, name, object[name], depth)
  const isZero = value === '' || value === 0 || value === false
  // Where any JSON may stand, false and 0 say something.
  if (value === null || (isZero && field.drop && kind !== untypedKind && kind !== eitherKind)) delete object[name]
  else object[name] = value
}

/** One item, or several numbers packed into one value. */
function readItems(reader: Reader, item: Node, wire: number, name: string, list: unknown[], depth: number): void {
  const own = wireOf(item.kind)
  if (wire === own || wire !== bytesWire) {
    list.push(readValue(reader, item, wire, name, undefined, depth))
    return
  }
  const outer = reader.open()
  while (reader.more) list.push(readValue(reader, item, own, name, undefined, depth))
  reader.close(outer)
}

/** One value; null for what JSON does not show. `before`: what stands there already; a message that comes in parts is one message. */
function readValue(reader: Reader, node: Node, wire: number, name: string, before: unknown, depth: number): unknown {
  const { kind } = node
  if (wire !== wireOf(kind)) throw wrongWire(wire, name)
  switch (kind) {
    case stringKind:
      return reader.string()
    case booleanKind:
      return reader.bool()
    case int32Kind:
      return reader.int32()
    case int64Kind:
      return reader.signed()
    case doubleKind:
      return reader.double()
    case bytesKind:
      return reader.base64()
    case timeKind:
      return readTime(reader, false)
    case microTimeKind:
      return readTime(reader, true)
    case quantityKind:
      return readQuantity(reader)
    case intOrStringKind:
      return readIntOrString(reader)
    case untypedKind:
      return readRaw(reader)
    case structKind: {
      const object = (before ?? {}) as Plain
      const struct = node.schema as Struct
      const outer = reader.open()
      readMessage(reader, messageOf(struct), object, struct.name, depth + 1)
      reader.close(outer)
      return object
    }
    case eitherKind:
      return readEither(reader, node, name, depth)
    case listKind:
      return readWrappedList(reader, node.item!, name, depth)
    default:
      throw new DecodeError(`proto: ${name} has no form in protobuf`)
  }
}

/** A map cannot hold lists: each stands in a message of its own, as field 1. */
function readWrappedList(reader: Reader, item: Node, name: string, depth: number): unknown[] {
  const list: unknown[] = []
  const outer = reader.open()
  while (reader.more) {
    const tag = reader.tag()
    if (tag >>> 3 === 1) readItems(reader, item, tag & 7, name, list, depth + 1)
    else reader.skip(tag & 7)
  }
  reader.close(outer)
  return list
}

function readEither(reader: Reader, node: Node, name: string, depth: number): unknown {
  const { flag, single, list } = choicesOf(node)
  let allowed = false
  let one: unknown
  let many: unknown[] | undefined
  const outer = reader.open()
  while (reader.more) {
    const tag = reader.tag()
    const number = tag >>> 3
    const wire = tag & 7
    if (number === 1 && flag) allowed = readValue(reader, flag, wire, name, undefined, depth + 1) as boolean
    else if (number === (flag ? 2 : 1)) one = readValue(reader, single, wire, name, one, depth + 1)
    else if (number === 2 && list) readItems(reader, list.item!, wire, name, (many ??= []), depth + 1)
    else reader.skip(wire)
  }
  reader.close(outer)
  return many ?? one ?? (flag ? allowed : null)
}

/** Key and value of a map; what is left out is zero. */
function readEntry(reader: Reader, values: Node, name: string, map: Plain, depth: number): void {
  let key = ''
  let value: unknown
  const outer = reader.open()
  while (reader.more) {
    const tag = reader.tag()
    const wire = tag & 7
    if (tag >>> 3 === 1) {
      if (wire !== bytesWire) throw wrongWire(wire, name)
      key = reader.string()
    } else if (tag >>> 3 === 2) value = readValue(reader, values, wire, name, value, depth + 1)
    else reader.skip(wire)
  }
  reader.close(outer)
  value ??= zeroOf(values.kind)
  // An assignment to this name would set the prototype.
  if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  else map[key] = value
}

function zeroOf(kind: number): unknown {
  switch (kind) {
    case structKind:
      return {}
    case listKind:
      return []
    case booleanKind:
      return false
    case int32Kind:
    case int64Kind:
    case doubleKind:
    case intOrStringKind:
      return 0
    case quantityKind:
      return '0'
    case stringKind:
    case bytesKind:
      return ''
    default:
      return null
  }
}

const wrongWire = (wire: number, name: string): DecodeError => new DecodeError(`proto: wrong wireType = ${wire} for field ${name.charAt(0).toUpperCase()}${name.slice(1)}`)
