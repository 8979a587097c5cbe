// Amounts such as `100m`, `1.5Gi`, `2e3`: exact decimals down to 1e-9, written in one canonical way.

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** mantissa * 10^scale, and the way in which it is written. */
export interface ParsedQuantity {
  readonly mantissa: bigint
  /** At least -9. */
  readonly scale: number
  readonly format: QuantityFormat
}

/** The text is no quantity; the message is the one that the API answers. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}
const wrongFormat = (): QuantityError =>
  new QuantityError(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`)
const wrongNumber = (): QuantityError => new QuantityError('unable to parse numeric part of quantity')
const wrongSuffix = (): QuantityError => new QuantityError(`unable to parse quantity's suffix`)

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binary: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }
const decimalSuffix = new Map(Object.entries(decimal).map(([suffix, exponent]) => [exponent, suffix]))
const binarySuffix = new Map(Object.entries(binary).map(([suffix, exponent]) => [exponent, suffix]))
const maxInt64 = 2n ** 63n - 1n
const smallestScale = -9

const shape = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/

export interface ReadQuantity {
  readonly quantity: ParsedQuantity
  /** The original holds it as an int64 with a power of ten, not as a big decimal. */
  readonly small: boolean
  /** The text is written as the original leaves it, even where that is not the shortest form (`1.500`). */
  readonly kept: boolean
}

export function readQuantity(text: string): ReadQuantity {
  const [all, sign = '', digits = '', fraction = '', suffix = ''] = shape.exec(text) ?? []
  if (all === undefined || text === '') throw wrongFormat()
  const whole = digits.replace(/^0+/, '') || '0'
  const negative = sign === '-'

  let format: QuantityFormat
  let exponent: number
  if (Object.hasOwn(decimal, suffix)) {
    format = 'DecimalSI'
    exponent = decimal[suffix]!
  } else if (Object.hasOwn(binary, suffix)) {
    format = 'BinarySI'
    exponent = binary[suffix]!
  } else {
    if (!/^[eE][-+]?\d+$/.test(suffix)) throw wrongSuffix()
    format = 'DecimalExponent'
    exponent = Number(suffix.slice(1))
    if (!Number.isSafeInteger(exponent) || Math.abs(exponent) > 2 ** 31) throw wrongSuffix()
    // Far beyond what anything can hold, and a power with so many digits would stop the process.
    if (exponent > 4096) throw wrongNumber()
  }

  // The original keeps what fits an int64 as it was written, if its power is one that has a suffix.
  const short = `${whole}${fraction}`
  if (format === 'BinarySI') {
    const precision = fraction === '' ? 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 : -1
    if (precision >= 0) {
      const mantissa = BigInt(whole) << BigInt(exponent)
      if (mantissa <= maxInt64) return { quantity: { mantissa: negative ? -mantissa : mantissa, scale: 0, format }, small: true, kept: (Number(whole) & 7) !== 0 }
    }
  } else if (short.length <= 18 && exponent - fraction.length >= smallestScale) {
    const scale = exponent - fraction.length
    const mantissa = BigInt(short)
    return { quantity: { mantissa: negative ? -mantissa : mantissa, scale, format }, small: true, kept: scale % 3 === 0 && !short.endsWith('000') && !short.startsWith('0') }
  }

  if (digits === '' && fraction === '') throw wrongNumber()
  let mantissa = BigInt(short)
  let scale = -fraction.length
  if (format === 'BinarySI') mantissa <<= BigInt(exponent)
  else scale += exponent
  if (scale < smallestScale) {
    mantissa = divideAwayFromZero(mantissa, smallestScale - scale)
    scale = smallestScale
  }
  if (format === 'BinarySI') {
    const one = 10n ** BigInt(-scale)
    if (mantissa > maxInt64 * one) {
      mantissa = maxInt64
      scale = 0
    } else if (mantissa > 0n && mantissa < one) format = 'DecimalSI'
  }
  return { quantity: { mantissa: negative ? -mantissa : mantissa, scale, format }, small: false, kept: false }
}

/** Some of a resource is never rounded to none of it. */
function divideAwayFromZero(mantissa: bigint, digits: number): bigint {
  // More digits than the number has: what is left is the sign.
  if (digits > 100_000) return mantissa === 0n ? 0n : mantissa > 0n ? 1n : -1n
  const power = 10n ** BigInt(digits)
  const quotient = mantissa / power
  if (mantissa % power === 0n) return quotient
  return mantissa > 0n ? quotient + 1n : quotient - 1n
}

/** Throws QuantityError. */
export function parseQuantity(text: string | number): ParsedQuantity {
  return readQuantity(typeof text === 'number' ? jsonNumber(text) : text.trim()).quantity
}

/** As Go reads the text of a JSON number, which has no exponent below 1e21. */
const jsonNumber = (value: number): string => String(value)

export function isQuantity(text: string): boolean {
  return quantityProblem(text) === undefined
}

/** Why a text is no quantity, as the API says it; undefined when it is one. */
export function quantityProblem(text: string | number): string | undefined {
  try {
    parseQuantity(text)
    return undefined
  } catch (error) {
    if (error instanceof QuantityError) return error.message
    throw error
  }
}

/** What the server writes for what a client wrote: `1000m` -> `1`, `0.5` -> `500m`, `1024Mi` -> `1Gi`. Throws QuantityError. */
export function canonicalQuantity(text: string | number): string {
  if (typeof text === 'number') return canonicalQuantity(jsonNumber(text))
  if (isPlainlyCanonical(text)) return text
  const trimmed = text.trim()
  const { quantity, kept } = readQuantity(trimmed)
  return kept || trimmed === '0' ? trimmed : formatQuantity(quantity)
}

/** Most quantities: up to five digits, a common suffix or none, nothing to shorten. */
function isPlainlyCanonical(text: string): boolean {
  const length = text.length
  let value = 0
  let i = 0
  for (; i < length && i < 6; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (i === 0 || i > 5 || text.charCodeAt(0) === 48) return false
  const rest = length - i
  if (rest === 0) return value % 1000 !== 0
  const sign = text.charCodeAt(i)
  if (rest === 1) return (sign === 109 || sign === 107 || sign === 77 || sign === 71) && value % 1000 !== 0
  return rest === 2 && text.charCodeAt(i + 1) === 105 && (sign === 75 || sign === 77 || sign === 71) && (value & 7) !== 0
}

/** The canonical text of an amount. */
export function formatQuantity({ mantissa, scale, format }: ParsedQuantity): string {
  if (mantissa === 0n) return '0'
  if (format === 'BinarySI') {
    const whole = wholeOf(mantissa, scale)
    // Small amounts and fractions are clearer, and exact, in decimal.
    if (whole !== undefined && (whole >= 1024n || whole <= -1024n)) {
      let amount = whole
      let exponent = 0
      while (exponent < 60 && amount % 1024n === 0n) {
        amount /= 1024n
        exponent += 10
      }
      return `${amount}${exponent === 0 ? '' : binarySuffix.get(exponent)!}`
    }
  }
  let amount = mantissa
  let exponent = scale
  while (amount % 10n === 0n) {
    amount /= 10n
    exponent++
  }
  while (exponent % 3 !== 0) {
    amount *= 10n
    exponent--
  }
  if (format === 'DecimalExponent') return exponent === 0 ? `${amount}` : `${amount}e${exponent}`
  const suffix = decimalSuffix.get(exponent)
  if (suffix !== undefined) return `${amount}${suffix}`
  // Past exa there is no suffix; the original loses the power there, an exponent keeps the amount.
  return `${amount}e${exponent}`
}

function wholeOf(mantissa: bigint, scale: number): bigint | undefined {
  if (scale >= 0) return mantissa * 10n ** BigInt(scale)
  const power = 10n ** BigInt(-scale)
  return mantissa % power === 0n ? mantissa / power : undefined
}

/** Digits and one suffix, within what a double holds exactly: `factor` is 1 for whole units and 1000 for thousandths. */
const plain = /^(\d{1,9})(?:(m)|(k)|(M)|(G)|(Ki)|(Mi)|(Gi))?$/

function quickScaled(text: string, factor: number): number | undefined {
  const found = plain.exec(text)
  if (!found) return undefined
  const value = Number(found[1])
  if (found[2]) return factor === 1000 ? value : Math.ceil(value / 1000)
  const unit = found[3] ? 1e3 : found[4] ? 1e6 : found[5] ? 1e9 : found[6] ? 1024 : found[7] ? 1048576 : found[8] ? 1073741824 : 1
  const result = value * unit * factor
  return result <= Number.MAX_SAFE_INTEGER ? result : undefined
}

/** amount / 10^scale, rounded away from zero. Beyond 2^53 as near as a number comes. */
export function scaledQuantity(text: string | number, scale: number): number {
  const { mantissa, scale: own } = parseQuantity(text)
  return Number(own >= scale ? mantissa * 10n ** BigInt(own - scale) : divideAwayFromZero(mantissa, scale - own))
}

/** Whole units, rounded up: bytes of `1Ki`, pods of `110`. */
export const quantityValue = (text: string | number): number => quickScaled(String(text), 1) ?? scaledQuantity(text, 0)
/** Thousandths, rounded up: millicores of `1500m`. */
export const quantityMilliValue = (text: string | number): number => quickScaled(String(text), 1000) ?? scaledQuantity(text, -3)

/** As a double: what metrics and scores use. */
export function quantityAsNumber(text: string | number): number {
  const { mantissa, scale } = parseQuantity(text)
  return scale >= 0 ? Number(mantissa) * 10 ** scale : Number(mantissa) / 10 ** -scale
}

/** Both mantissas at one scale. */
function aligned(a: ParsedQuantity, b: ParsedQuantity): [bigint, bigint, number] {
  const scale = Math.min(a.scale, b.scale)
  return [a.mantissa * 10n ** BigInt(a.scale - scale), b.mantissa * 10n ** BigInt(b.scale - scale), scale]
}

/** Below zero when `a` is less, 0 when both are the same amount however written. */
export function compareQuantities(a: string | number, b: string | number): number {
  if (a === b) return 0
  const [x, y] = aligned(parseQuantity(a), parseQuantity(b))
  return x < y ? -1 : x > y ? 1 : 0
}

/** The sum's canonical text, in the format of `a`, or of `b` where `a` is zero. */
export function addQuantities(a: string | number, b: string | number): string {
  return formatQuantity(sum(parseQuantity(a), parseQuantity(b), 1n))
}
export function subtractQuantities(a: string | number, b: string | number): string {
  return formatQuantity(sum(parseQuantity(a), parseQuantity(b), -1n))
}
export function negateQuantity(text: string | number): string {
  const parsed = parseQuantity(text)
  return formatQuantity({ ...parsed, mantissa: -parsed.mantissa })
}

function sum(a: ParsedQuantity, b: ParsedQuantity, sign: bigint): ParsedQuantity {
  const [x, y, scale] = aligned(a, b)
  return { mantissa: x + sign * y, scale, format: a.mantissa === 0n ? b.format : a.format }
}

/** -1, 0 or 1. */
export function quantitySign(text: string | number): -1 | 0 | 1 {
  const { mantissa } = parseQuantity(text)
  return mantissa < 0n ? -1 : mantissa > 0n ? 1 : 0
}

/** A canonical text from a number of bytes or of units (`quantityOf(2 ** 30, 'BinarySI')` is `1Gi`). `scale` -3 says that it counts thousandths. */
export function quantityOf(value: number | bigint, format: QuantityFormat = 'DecimalSI', scale = 0): string {
  return formatQuantity({ mantissa: BigInt(value), scale, format })
}
