// Types that JSON writes as one value and protobuf as a message.
import { parseTime } from '../../time'
import { decodeJson } from '../json'
import { JsonError } from '../json-scan'
import { DecodeError } from '../../schema/decode-error'
import { bytesWire, varintWire, type Reader } from './reader'
import type { Writer } from './writer'

const utf8 = new TextEncoder()

/** { seconds = 1, nanos = 2 }. null where it is not set. A Time has whole seconds, whatever came. */
export function readTime(reader: Reader, micro: boolean): string | null {
  let seconds = 0
  let nanos = 0
  const outer = reader.open()
  const isSet = reader.more
  while (reader.more) {
    const tag = reader.tag()
    if (tag === 8) seconds = reader.signed()
    else if (tag === 16) nanos = reader.int32()
    else reader.skip(tag & 7)
  }
  reader.close(outer)
  if (!isSet) return null
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) throw new DecodeError(`Time.MarshalJSON: year outside of range [0,9999]: ${seconds} seconds since 1970`)
  const text = date.toISOString().slice(0, -5)
  return micro ? `${text}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z` : `${text}Z`
}

/** A time that is not set (an item's or a map's: fields leave it out) is a message without fields. */
export function writeTime(writer: Writer, text: string | null, micro: boolean): void {
  if (text === null) return writer.unsigned(0)
  const before = writer.size
  const { seconds, microseconds } = parseTime(text, micro ? 'microTime' : 'time')
  writer.signed(micro ? microseconds * 1000 : 0)
  writer.tag(2, varintWire)
  writer.signed(seconds)
  writer.tag(1, varintWire)
  writer.lengthSince(before)
}

/** { string = 1 } */
export function readQuantity(reader: Reader): string {
  let text = ''
  const outer = reader.open()
  while (reader.more) {
    const tag = reader.tag()
    if (tag === (1 << 3 | bytesWire)) text = reader.string()
    else reader.skip(tag & 7)
  }
  reader.close(outer)
  return text === '' ? '0' : text
}

export function writeQuantity(writer: Writer, text: string): void {
  const before = writer.size
  writer.string(text)
  writer.tag(1, bytesWire)
  writer.lengthSince(before)
}

/** { type = 1, intVal = 2, strVal = 3 }; type 1 is a string. */
export function readIntOrString(reader: Reader): number | string {
  let type = 0
  let number = 0
  let text = ''
  const outer = reader.open()
  while (reader.more) {
    const tag = reader.tag()
    if (tag === 8) type = reader.signed()
    else if (tag === 16) number = reader.int32()
    else if (tag === (3 << 3 | bytesWire)) text = reader.string()
    else reader.skip(tag & 7)
  }
  reader.close(outer)
  if (type !== 0 && type !== 1) throw new DecodeError('impossible IntOrString.Type')
  return type === 1 ? text : number
}

export function writeIntOrString(writer: Writer, value: number | string): void {
  const before = writer.size
  const isText = typeof value === 'string'
  writer.string(isText ? value : '')
  writer.tag(3, bytesWire)
  writer.signed(isText ? 0 : value)
  writer.tag(2, varintWire)
  writer.unsigned(isText ? 1 : 0)
  writer.tag(1, varintWire)
  writer.lengthSince(before)
}

/** { raw = 1 } with JSON text: RawExtension, FieldsV1 and JSON. null where there is none. */
export function readRaw(reader: Reader): unknown {
  let raw: Uint8Array | undefined
  const outer = reader.open()
  while (reader.more) {
    const tag = reader.tag()
    if (tag === (1 << 3 | bytesWire)) raw = reader.bytes()
    else reader.skip(tag & 7)
  }
  reader.close(outer)
  if (raw === undefined || raw.length === 0) return null
  try {
    return decodeJson(raw)
  } catch (cause) {
    if (cause instanceof JsonError) throw new DecodeError(cause.message, { cause })
    throw cause
  }
}

export function writeRaw(writer: Writer, value: unknown): void {
  const before = writer.size
  writer.bytes(utf8.encode(JSON.stringify(value)))
  writer.tag(1, bytesWire)
  writer.lengthSince(before)
}
