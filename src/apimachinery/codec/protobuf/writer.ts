import { DecodeError } from '../../schema/decode-error'

const encoder = new TextEncoder()
/** Kept from one message to the next; what one large message needed beyond this is given back. */
const keptBytes = 1 << 20
let shared = new Uint8Array(1 << 16)

/**
 * Writes protobuf's wire format from the end to the start: the length of a message stands before it and is known only when it
 * is written. A value is therefore written before its length, and the length before the tag.
 */
export class Writer {
  #bytes = shared
  /** Where what was written so far begins. */
  #at = shared.length

  /** How many bytes were written so far. */
  get size(): number {
    return this.#bytes.length - this.#at
  }

  /** A copy of what was written, for good. The writer is then empty. */
  finish(): Uint8Array {
    const result = this.#bytes.slice(this.#at)
    shared = this.#bytes.length > keptBytes ? new Uint8Array(1 << 16) : this.#bytes
    this.#bytes = shared
    this.#at = shared.length
    return result
  }

  /** An unsigned whole number below 2^53. */
  unsigned(value: number): void {
    if (value < 128) {
      this.#room(1)
      this.#bytes[--this.#at] = value
      return
    }
    const size = varintSize(value)
    this.#room(size)
    this.#at -= size
    let at = this.#at
    while (value > 0x7fff_ffff) {
      this.#bytes[at++] = (value % 128) | 128
      value = Math.floor(value / 128)
    }
    while (value > 127) {
      this.#bytes[at++] = (value & 127) | 128
      value >>>= 7
    }
    this.#bytes[at] = value
  }

  /** Negative numbers take ten bytes: 64 bits in two's complement. */
  signed(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return this.unsigned(value)
    let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)))
    const bytes: number[] = []
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    this.raw(Uint8Array.from(bytes))
  }

  double(value: number): void {
    this.#room(8)
    this.#at -= 8
    new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, 8).setFloat64(0, value, true)
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#at -= bytes.length
    this.#bytes.set(bytes, this.#at)
  }

  /** Text with its length before it. */
  string(text: string): void {
    const { length } = text
    if (length > 96) return this.bytes(encoder.encode(text))
    this.#room(length + 1)
    const start = this.#at - length
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) return this.bytes(encoder.encode(text))
      this.#bytes[start + i] = code
    }
    this.#at = start
    this.#bytes[--this.#at] = length
  }

  /** Bytes with their length before them. */
  bytes(bytes: Uint8Array): void {
    this.raw(bytes)
    this.unsigned(bytes.length)
  }

  base64(text: string): void {
    this.bytes(decodeBase64(text))
  }

  /** The length of what was written since `size` was `before`. */
  lengthSince(before: number): void {
    this.unsigned(this.size - before)
  }

  tag(number: number, wire: number): void {
    this.unsigned(number * 8 + wire)
  }

  #room(size: number): void {
    if (this.#at >= size) return
    const used = this.size
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, used + size + 1024))
    larger.set(this.#bytes.subarray(this.#at), larger.length - used)
    this.#bytes = larger
    this.#at = larger.length - used
  }
}

export function varintSize(value: number): number {
  let size = 1
  while (value > 127) {
    value = Math.floor(value / 128)
    size++
  }
  return size
}

function decodeBase64(text: string): Uint8Array {
  let binary: string
  try {
    binary = atob(text)
  } catch (cause) {
    throw new DecodeError('illegal base64 data', { cause })
  }
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
