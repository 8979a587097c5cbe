// As much of ASN.1's DER (X.690) as certificates and signing requests need: an encoder of nested values, and a reader.

export const tags = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, nothing: 0x05, oid: 0x06, utf8String: 0x0c,
  printableString: 0x13, ia5String: 0x16, utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, set: 0x31,
} as const

/** One value: tag, length, and the parts one after another. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  const length = body.length
  const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : length < 0x10000 ? [tag, 0x82, length >> 8, length & 0xff] : undefined
  if (!head) throw new RangeError(`a DER value of ${length} bytes is longer than certificates are (at most 65535)`)
  return Buffer.concat([Buffer.from(head), body])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(tags.sequence, ...parts)
export const setOf = (...parts: readonly Uint8Array[]): Buffer => der(tags.set, ...parts)
export const octets = (bytes: Uint8Array): Buffer => der(tags.octetString, bytes)
export const utf8 = (text: string): Buffer => der(tags.utf8String, Buffer.from(text, 'utf8'))
export const boolean = (value: boolean): Buffer => der(tags.boolean, Buffer.from([value ? 0xff : 0]))
export const nothing: Buffer = der(tags.nothing, Buffer.alloc(0))
/** `[n] EXPLICIT`: wraps whole values. */
export const explicit = (n: number, ...parts: readonly Uint8Array[]): Buffer => der(0xa0 | n, ...parts)
/** `[n] IMPLICIT` of a primitive: takes the place of the value's own tag. */
export const implicit = (n: number, bytes: Uint8Array): Buffer => der(0x80 | n, bytes)

/** A number that is not negative, as big-endian bytes; leading zeros are dropped, and one added where the top bit is set. */
export function integer(value: Uint8Array | number): Buffer {
  const bytes = typeof value === 'number' ? Buffer.from([value]) : value
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  return der(tags.integer, digits[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits)
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return der(tags.bitString, Buffer.of(unusedBits), bytes)
}

/** Named bits (KeyUsage): bit 0 is the first; trailing zeros are left out as DER asks. */
export function namedBits(bits: readonly number[]): Buffer {
  if (bits.length === 0) return bitString(Buffer.alloc(0))
  const top = Math.max(...bits)
  const bytes = Buffer.alloc((top >> 3) + 1)
  for (const bit of bits) bytes[bit >> 3]! |= 0x80 >> (bit & 7)
  return bitString(bytes, 7 - (top & 7))
}

export function oid(dotted: string): Buffer {
  const [first, second, ...others] = dotted.split('.').map(Number)
  const bytes: number[] = [first! * 40 + second!]
  for (const arc of others) {
    const digits = [arc & 0x7f]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left & 0x7f) | 0x80)
    bytes.push(...digits)
  }
  return der(tags.oid, Buffer.from(bytes))
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5); whole seconds. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2050 ? der(tags.utcTime, Buffer.from(digits.slice(2))) : der(tags.generalizedTime, Buffer.from(digits))
}

/** A value that was read. `raw` is all of it, `body` what follows the length. */
export interface Der {
  readonly tag: number
  readonly body: Buffer
  readonly raw: Buffer
}

/** Reads the value that starts at `offset`. Throws when the bytes end too early or the length is not DER. */
export function readDer(bytes: Buffer, offset = 0): Der {
  const tag = bytes[offset]
  let length = bytes[offset + 1]
  let start = offset + 2
  if (tag === undefined || length === undefined) throw new Error('malformed DER: the data ends within a value')
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0 || count > 3 || start + count > bytes.length) throw new Error('malformed DER: bad length')
    length = bytes.readUIntBE(start, count)
    start += count
  }
  if (start + length > bytes.length) throw new Error('malformed DER: the data ends within a value')
  return { tag, body: bytes.subarray(start, start + length), raw: bytes.subarray(offset, start + length) }
}

/** The values inside a constructed one, in order. */
export function children(value: Der): Der[] {
  const found: Der[] = []
  for (let offset = 0; offset < value.body.length; ) {
    const child = readDer(value.body, offset)
    found.push(child)
    offset += child.raw.length
  }
  return found
}

export function readOid(value: Der): string {
  const { body } = value
  if (value.tag !== tags.oid || body.length === 0) throw new Error('malformed DER: an object identifier was expected')
  const arcs = [Math.min(2, Math.floor(body[0]! / 40))]
  arcs.push(body[0]! - arcs[0]! * 40)
  let arc = 0
  for (const byte of body.subarray(1)) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  return arcs.join('.')
}

export function readText(value: Der): string {
  // BMPString (0x1e) holds UTF-16 in network order; every other string type of names is UTF-8 or a part of it.
  return value.tag === 0x1e ? Buffer.from(value.body).swap16().toString('utf16le') : value.body.toString('utf8')
}

export function readTime(value: Der): Date {
  const text = value.body.toString('latin1')
  const digits = value.tag === tags.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)
  if (!parts) throw new Error(`malformed DER: not a time: ${JSON.stringify(text)}`)
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [number, number, number, number, number, number]
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second))
}

export function readBits(value: Der): { bytes: Buffer; unusedBits: number } {
  if (value.tag !== tags.bitString || value.body.length === 0) throw new Error('malformed DER: a bit string was expected')
  return { bytes: value.body.subarray(1), unusedBits: value.body[0]! }
}
