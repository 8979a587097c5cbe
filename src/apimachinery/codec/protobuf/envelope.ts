import { DecodeError } from '../../schema/decode-error'
import { bytesWire, Reader } from './reader'
import { varintSize } from './writer'

/** What stands before every object: `k8s` and a zero. */
const magic = Uint8Array.of(0x6b, 0x38, 0x73, 0)
const utf8 = new TextEncoder()

/** There is no object of protobuf's form in these bytes at all; the message is Go's. */
export class EnvelopeError extends DecodeError {}

/** An object on its way (runtime.Unknown): what it is, and its message. */
export interface Envelope {
  /** Empty where the sender did not say. */
  readonly apiVersion: string
  readonly kind: string
  /** A view into the bytes that were read. */
  readonly raw: Uint8Array
  readonly contentType: string
}

export const isEnvelope = (bytes: Uint8Array): boolean => bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte)

/** `magic { typeMeta = 1 { apiVersion = 1, kind = 2 }, raw = 2, contentEncoding = 3, contentType = 4 }`. Throws EnvelopeError. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length === 0) throw new EnvelopeError('empty data')
  if (!isEnvelope(bytes)) throw new EnvelopeError(`provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]`)
  if (bytes.length === magic.length) throw new EnvelopeError('empty body')
  try {
    return readUnknown(new Reader(bytes, magic.length))
  } catch (cause) {
    if (cause instanceof DecodeError) throw new EnvelopeError(cause.message, { cause })
    throw cause
  }
}

function readUnknown(reader: Reader): Envelope {
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = new Uint8Array()
  let contentType = ''
  while (reader.more) {
    const tag = reader.tag()
    if (tag === (1 << 3 | bytesWire)) {
      const outer = reader.open()
      while (reader.more) {
        const inner = reader.tag()
        if (inner === (1 << 3 | bytesWire)) apiVersion = reader.string()
        else if (inner === (2 << 3 | bytesWire)) kind = reader.string()
        else reader.skip(inner & 7)
      }
      reader.close(outer)
    } else if (tag === (2 << 3 | bytesWire)) raw = reader.bytes()
    else if (tag === (4 << 3 | bytesWire)) contentType = reader.string()
    else reader.skip(tag & 7)
  }
  return { apiVersion, kind, raw, contentType }
}

/** contentEncoding and contentType, which are always written and always empty. */
const tail = Uint8Array.of(0x1a, 0, 0x22, 0)

/** The bytes before a message of this size, and those behind it: for messages that are sent in pieces. */
export function envelopeAround(apiVersion: string, kind: string, size: number): { head: Uint8Array; tail: Uint8Array } {
  const version = utf8.encode(apiVersion)
  const name = utf8.encode(kind)
  const meta = 2 + varintSize(version.length) + version.length + varintSize(name.length) + name.length
  const head = new Uint8Array(magic.length + 1 + varintSize(meta) + meta + 1 + varintSize(size))
  head.set(magic)
  let at = magic.length
  head[at++] = 0x0a
  at = putVarint(head, at, meta)
  head[at++] = 0x0a
  at = putVarint(head, at, version.length)
  head.set(version, at)
  at += version.length
  head[at++] = 0x12
  at = putVarint(head, at, name.length)
  head.set(name, at)
  at += name.length
  head[at++] = 0x12
  putVarint(head, at, size)
  return { head, tail }
}

export function sealEnvelope(apiVersion: string, kind: string, message: Uint8Array): Uint8Array {
  const { head } = envelopeAround(apiVersion, kind, message.length)
  const bytes = new Uint8Array(head.length + message.length + tail.length)
  bytes.set(head)
  bytes.set(message, head.length)
  bytes.set(tail, head.length + message.length)
  return bytes
}

/** Writes a number of less than 2^53; returns the place behind it. */
export function putVarint(into: Uint8Array, at: number, value: number): number {
  while (value > 127) {
    into[at++] = (value % 128) | 128
    value = Math.floor(value / 128)
  }
  into[at++] = value
  return at
}
