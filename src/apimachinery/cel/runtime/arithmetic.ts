import { fail, noSuchOverload } from './errors'
import { duration, timestamp } from './time'
import { work } from './work'
import { double, doubleValue, Duration, int, isDouble, isInt, Timestamp, Uint } from './values'

const smallest = -(2n ** 63n)
const largest = 2n ** 63n - 1n

function within(value: bigint): number | bigint {
  if (value < smallest || value > largest) fail('integer overflow')
  return int(value)
}

function unsigned(value: bigint): Uint {
  if (value < 0n || value >= 2n ** 64n) fail('unsigned integer overflow')
  return new Uint(value)
}

/** What has methods of its own is asked as one, and its answer does not name the operator. */
const unfit = (value: unknown, operator: string): never =>
  typeof value === 'string' || value instanceof Timestamp || value instanceof Duration ? noSuchOverload() : fail(`no such overload: ${operator}`)

export function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum) && Number.isInteger(a) && Number.isInteger(b)) return sum
  }
  if (typeof a === 'string') return typeof b === 'string' ? concatenated(a, b) : noSuchOverload()
  if (isInt(a)) return isInt(b) ? within(BigInt(a) + BigInt(b)) : noSuchOverload()
  if (isDouble(a)) return isDouble(b) ? double(doubleValue(a) + doubleValue(b)) : noSuchOverload()
  if (Array.isArray(a)) return Array.isArray(b) ? joined(a, b) : noSuchOverload()
  if (a instanceof Uint) return b instanceof Uint ? unsigned(a.value + b.value) : noSuchOverload()
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Uint8Array.from([...a, ...b]) : noSuchOverload()
  if (a instanceof Duration) {
    if (b instanceof Timestamp) return later(b, a.nanos)
    return b instanceof Duration ? duration(a.nanos + b.nanos) : noSuchOverload()
  }
  if (a instanceof Timestamp) return b instanceof Duration ? later(a, b.nanos) : noSuchOverload()
  return fail('no such overload: _+_')
}

/** Where types are not known, texts of any length are joined for one unit. */
function concatenated(a: string, b: string): string {
  const length = a.length + b.length
  if (length > 100_000) work(length)
  return a + b
}

function joined(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  work(a.length + b.length)
  return a.concat(b)
}

function later(time: Timestamp, nanos: bigint): Timestamp {
  const total = BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos) + nanos
  const rest = ((total % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return timestamp(Number((total - rest) / 1_000_000_000n), Number(rest), time.offset)
}

export function subtract(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b
    if (Number.isSafeInteger(difference) && Number.isInteger(a) && Number.isInteger(b)) return difference
  }
  if (isInt(a)) return isInt(b) ? within(BigInt(a) - BigInt(b)) : noSuchOverload()
  if (isDouble(a)) return isDouble(b) ? double(doubleValue(a) - doubleValue(b)) : noSuchOverload()
  if (a instanceof Uint) return b instanceof Uint ? unsigned(a.value - b.value) : noSuchOverload()
  if (a instanceof Duration) return b instanceof Duration ? duration(a.nanos - b.nanos) : noSuchOverload()
  if (a instanceof Timestamp) {
    if (b instanceof Duration) return later(a, -b.nanos)
    return b instanceof Timestamp ? duration(BigInt(a.seconds - b.seconds) * 1_000_000_000n + BigInt(a.nanos - b.nanos)) : noSuchOverload()
  }
  return unfit(a, '_-_')
}

export function multiply(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b
    if (Number.isSafeInteger(product) && Number.isInteger(a) && Number.isInteger(b)) return product
  }
  if (isInt(a)) return isInt(b) ? within(BigInt(a) * BigInt(b)) : noSuchOverload()
  if (isDouble(a)) return isDouble(b) ? double(doubleValue(a) * doubleValue(b)) : noSuchOverload()
  if (a instanceof Uint) return b instanceof Uint ? unsigned(a.value * b.value) : noSuchOverload()
  return unfit(a, '_*_')
}

export function divide(a: unknown, b: unknown): unknown {
  if (isInt(a)) {
    if (!isInt(b)) return noSuchOverload()
    if (BigInt(b) === 0n) fail('division by zero')
    return within(BigInt(a) / BigInt(b))
  }
  if (isDouble(a)) return isDouble(b) ? double(doubleValue(a) / doubleValue(b)) : noSuchOverload()
  if (a instanceof Uint) {
    if (!(b instanceof Uint)) return noSuchOverload()
    if (b.value === 0n) fail('division by zero')
    return new Uint(a.value / b.value)
  }
  return unfit(a, '_/_')
}

export function modulo(a: unknown, b: unknown): unknown {
  if (isInt(a)) {
    if (!isInt(b)) return noSuchOverload()
    if (BigInt(b) === 0n) fail('modulus by zero')
    if (BigInt(a) === smallest && BigInt(b) === -1n) fail('integer overflow')
    return int(BigInt(a) % BigInt(b))
  }
  if (a instanceof Uint) {
    if (!(b instanceof Uint)) return noSuchOverload()
    if (b.value === 0n) fail('modulus by zero')
    return new Uint(a.value % b.value)
  }
  return unfit(a, '_%_')
}

export function negate(a: unknown): unknown {
  if (isInt(a)) return within(-BigInt(a))
  if (isDouble(a)) return double(-doubleValue(a))
  return a instanceof Duration ? duration(-a.nanos) : unfit(a, '-_')
}
