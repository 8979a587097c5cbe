import { DecodeError } from '../../schema/decode-error'

/** How a field's value is laid out; groups (3 and 4) are not used by any message. */
export const varintWire = 0
export const fixed64Wire = 1
export const bytesWire = 2
export const fixed32Wire = 5

const truncated = 'unexpected EOF'
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const base64Characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Reads protobuf's wire format. Every mistake is a DecodeError; nothing is read beyond `end`. */
export class Reader {
  readonly #bytes: Uint8Array
  at: number
  /** Where the message that is being read ends. */
  end: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.at = at
    this.end = end
  }

  /** Below 2^53 exactly, beyond it rounded; negative values are 64 bits wide. */
  signed(): number {
    const low = this.#low()
    if (!this.#goesOn) return low >>> 0
    return this.#high() * 0x1_0000_0000 + ((low | this.#lowRest) >>> 0)
  }

  /** A number of at most 32 bits; what is above is cut off, as Go does. */
  int32(): number {
    const low = this.#low()
    if (!this.#goesOn) return low | 0
    this.#high()
    return low | this.#lowRest | 0
  }

  bool(): boolean {
    return this.signed() !== 0
  }

  double(): number {
    if (this.at + 8 > this.end) throw new DecodeError(truncated)
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.at, 8).getFloat64(0, true)
    this.at += 8
    return value
  }

  /** The number of a field and its wire type: `number << 3 | wire`. */
  tag(): number {
    const tag = this.int32() >>> 0
    if (tag >>> 3 === 0) throw new DecodeError(`proto: illegal tag 0 (wire type ${tag & 7})`)
    return tag
  }

  /** Steps into a message that says its length. Returns what `close` wants. */
  open(): number {
    const outer = this.end
    this.end = this.#endOfValue()
    return outer
  }

  close(outer: number): void {
    this.end = outer
  }

  /** Whether the message goes on. */
  get more(): boolean {
    return this.at < this.end
  }

  #endOfValue(): number {
    const length = this.signed()
    if (length < 0) throw new DecodeError('proto: negative length found during unmarshaling')
    const end = this.at + length
    if (end > this.end) throw new DecodeError(truncated)
    return end
  }

  string(): string {
    const end = this.#endOfValue()
    const start = this.at
    this.at = end
    if (end - start > 48) return utf8.decode(this.#bytes.subarray(start, end))
    let text = ''
    for (let i = start; i < end; i++) {
      const byte = this.#bytes[i]!
      if (byte > 127) return utf8.decode(this.#bytes.subarray(start, end))
      text += String.fromCharCode(byte)
    }
    return text
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const end = this.#endOfValue()
    const start = this.at
    this.at = end
    return this.#bytes.subarray(start, end)
  }

  base64(): string {
    const bytes = this.bytes()
    let text = ''
    let at = 0
    for (; at + 2 < bytes.length; at += 3) text += four((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!)
    const left = bytes.length - at
    if (left === 1) text += `${four(bytes[at]! << 16).slice(0, 2)}==`
    if (left === 2) text += `${four((bytes[at]! << 16) | (bytes[at + 1]! << 8)).slice(0, 3)}=`
    return text
  }

  /** Passes over a value that nobody knows. */
  skip(wire: number): void {
    switch (wire) {
      case varintWire:
        this.signed()
        return
      case fixed64Wire:
        this.#advance(8)
        return
      case bytesWire:
        this.at = this.#endOfValue()
        return
      case fixed32Wire:
        this.#advance(4)
        return
      default:
        throw new DecodeError(`proto: illegal wireType ${wire}`)
    }
  }

  #advance(by: number): void {
    if (this.at + by > this.end) throw new DecodeError(truncated)
    this.at += by
  }

  /** Set by #low: whether bytes follow, and by #high: the four bits of the low half that stood in the fifth byte. */
  #goesOn = false
  #lowRest = 0

  /** The first 28 bits. */
  #low(): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.at >= this.end) throw new DecodeError(truncated)
      const byte = this.#bytes[this.at++]!
      value |= (byte & 127) << shift
      if (byte < 128) {
        this.#goesOn = false
        return value
      }
    }
    this.#goesOn = true
    return value
  }

  /** The upper 32 bits as a signed number. */
  #high(): number {
    let value = 0
    for (let i = 0; i < 6; i++) {
      if (this.at >= this.end) throw new DecodeError(truncated)
      const byte = this.#bytes[this.at++]!
      if (i === 0) {
        this.#lowRest = (byte & 15) << 28
        value = (byte & 127) >>> 4
      } else value |= (byte & 127) << (7 * i - 4)
      if (byte < 128) return value | 0
    }
    throw new DecodeError('proto: integer overflow')
  }
}

function four(bits: number): string {
  return base64Characters[bits >>> 18]! + base64Characters[(bits >>> 12) & 63]! + base64Characters[(bits >>> 6) & 63]! + base64Characters[bits & 63]!
}
