// As much of ASN.1's DER as it takes to say what is wrong with a certificate or a request for one, in the words of Go's readers.

/** A value within bytes: where it begins, where its content is. */
export interface Element {
  readonly bytes: Uint8Array
  /** The first byte: class, form and number. */
  readonly tag: number
  readonly at: number
  readonly from: number
  readonly to: number
}

export const sequenceTag = 0x30
export const setTag = 0x31
export const integerTag = 0x02
export const bitStringTag = 0x03
export const oidTag = 0x06

const syntax = (what: string): Error => new Error(`asn1: syntax error: ${what}`)
const structure = (what: string): Error => new Error(`asn1: structure error: ${what}`)

/** The value at an offset, which ends at `limit` at the latest. Throws Go's errors. */
export function elementAt(bytes: Uint8Array, at: number, limit: number): Element {
  const tag = bytes[at]!
  if ((tag & 0x1f) === 0x1f) throw syntax('non-minimal tag')
  if (at + 1 >= limit) throw syntax('truncated tag or length')
  let from = at + 2
  let length = bytes[at + 1]!
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0) throw syntax('indefinite length found (not DER)')
    length = 0
    for (let i = 0; i < count; i++, from++) {
      if (from >= limit) throw syntax('truncated tag or length')
      if (length >= 1 << 23) throw structure('length too large')
      length = length * 256 + bytes[from]!
      if (length === 0) throw structure('superfluous leading zeros in length')
    }
    if (length < 0x80) throw structure('non-minimal length')
  }
  if (from + length > limit) throw syntax('data truncated')
  return { bytes, tag, at, from, to: from + length }
}

/** Reads the values within one, in order. */
export interface Fields {
  readonly done: boolean
  /** The next one whatever it is. */
  next(): Element
  /** The next one, which must have a tag. @param type What Go calls what it reads into. */
  take(tag: number, type: string): Element
  /** The next one if it has a tag. */
  maybe(tag: number): Element | undefined
}

export function fieldsOf({ bytes, from, to }: Pick<Element, 'bytes' | 'from' | 'to'>): Fields {
  let at = from
  const next = (): Element => {
    if (at >= to) throw syntax('sequence truncated')
    const element = elementAt(bytes, at, to)
    at = element.to
    return element
  }
  return {
    get done() {
      return at >= to
    },
    next,
    take(tag, type) {
      const element = next()
      if (element.tag === tag) return element
      const found = `{class:${element.tag >> 6} tag:${element.tag & 0x1f} length:${element.to - element.from} isCompound:${(element.tag & 0x20) !== 0}}`
      const parameters = '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}'
      throw structure(`tags don't match (${tag & 0x1f} vs ${found}) ${parameters} ${type} @${element.from - from}`)
    },
    maybe: (tag) => (at < to && bytes[at] === tag ? next() : undefined),
  }
}

export const contentOf = ({ bytes, from, to }: Element): Uint8Array => bytes.subarray(from, to)
export const wholeOf = ({ bytes, at, to }: Element): Uint8Array => bytes.subarray(at, to)

/** `1.2.840.10045.2.1`. */
export function oidOf(element: Element): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of contentOf(element)) {
    number = number * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    if (numbers.length === 0) numbers.push(Math.min(2, Math.floor(number / 40)), number - 40 * Math.min(2, Math.floor(number / 40)))
    else numbers.push(number)
    number = 0
  }
  return numbers.join('.')
}
