import type { CelType } from '../contract'
import { typeText } from '../check/types'
import { compareTexts } from '../runtime/compare'
import { toText } from '../runtime/conversions'
import { fail } from '../runtime/errors'
import { quoted } from '../runtime/go-numbers'
import { Double, doubleValue, Duration, isDouble, isInt, isMap, mapGet, mapKeys, Timestamp, typeNameOf, TypeValue, Uint } from '../runtime/values'
import { work } from '../runtime/work'
import type { Call, Expr } from '../syntax/ast'
import type { Fault } from '../syntax/errors'

type Clause = 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o'

const wanted: Readonly<Record<Clause, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers', f: 'fixed-point clause can only be used on doubles', e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary', x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex', o: 'octal clause can only be used on integers',
}

/** Takes a format apart; `clause` says what becomes of each of its arguments. Throws through `fault`. */
function formatted(format: string, count: number, clause: (kind: Clause, index: number, precision: number) => string, fault: (message: string) => never): string {
  let index = 0
  return format.replaceAll(/%(%|(?:(\.)(\d*))?([^]?))/g, (_, all: string, dot: string | undefined, digits: string | undefined, letter: string | undefined) => {
    if (all === '%') return '%'
    if (index >= count) fault(`index ${index} out of range`)
    if (all === '') fault('unexpected end of string')
    const parsing = 'could not parse formatting clause: '
    if (dot && !letter) fault(`${parsing}error while parsing precision: could not find end of precision specifier`)
    if (dot && !digits) fault(`${parsing}error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax`)
    if (!Object.hasOwn(wanted, letter!)) fault(`${parsing}unrecognized formatting clause "${letter}"`)
    return clause(letter as Clause, index++, digits ? Number(digits) : 6)
  })
}

export function formatText(format: string, args: readonly unknown[]): string {
  return formatted(format, args.length, (kind, index, precision) => {
    const text = clauseText(kind, args[index], precision)
    work(text.length)
    return text
  }, fail)
}

function clauseText(kind: Clause, value: unknown, precision: number): string {
  const refused = (): never => fail(`error during formatting: ${wanted[kind]}, was given ${typeNameOf(value)}`)
  switch (kind) {
    case 's':
      return Array.isArray(value) || isMap(value) ? nested(value, refused) : scalar(value, refused)
    case 'd':
      return isInt(value) || value instanceof Uint ? toText(value) : refused()
    case 'f':
    case 'e': {
      const number = value === 'NaN' ? NaN : value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : isDouble(value) ? doubleValue(value) : refused()
      if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number > 0 ? '∞' : '-∞'
      return kind === 'f' ? grouped(number.toFixed(Math.min(precision, 100))) : scientific(number)
    }
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : inBase(value, 2) ?? refused()
    case 'o':
      return inBase(value, 8) ?? refused()
    default: {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
      const hex = bytes instanceof Uint8Array ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') : inBase(value, 16) ?? refused()
      return kind === 'X' ? hex.toUpperCase() : hex
    }
  }
}

const inBase = (value: unknown, base: number): string | undefined => (isInt(value) ? value.toString(base) : value instanceof Uint ? value.value.toString(base) : undefined)

/** The texts of English: digits in groups of three, powers of ten raised. */
const grouped = (fixed: string): string => fixed.replace(/\d+/, (digits) => digits.replaceAll(/\B(?=(\d{3})+$)/g, ','))

function scientific(value: number): string {
  const [mantissa, power] = value.toExponential(6).split('e') as [string, string]
  const raised = String(Math.abs(Number(power))).padStart(2, '0').replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!)
  return `${mantissa}×10${power.startsWith('-') ? '⁻' : ''}${raised}`
}

function scalar(value: unknown, refused: () => never): string {
  if (value === null) return 'null'
  if (value instanceof TypeValue) return value.name
  return typeof value !== 'object' || value instanceof Double || value instanceof Uint || value instanceof Timestamp
    || value instanceof Duration || value instanceof Uint8Array ? toText(value) : refused()
}

/** As it stands in a list or map. */
function nested(value: unknown, refused: () => never): string {
  if (Array.isArray(value)) return `[${value.map((item) => nested(item, refused)).join(', ')}]`
  if (isMap(value)) {
    const entries = mapKeys(value).map((key) => [nested(key, refused), nested(mapGet(value, key), refused)] as const)
    return `{${entries.sort(([a], [b]) => compareTexts(a, b)).map((entry) => entry.join(':')).join(', ')}}`
  }
  if (typeof value === 'string') return quoted(value)
  if (value instanceof Uint8Array) return `b${quoted(toText(value))}`
  if (isDouble(value)) return fixedOf(doubleValue(value))
  if (value instanceof Timestamp) return `timestamp(${quoted(toText(value))})`
  return value instanceof Duration ? `duration(${quoted(toText(value))})` : scalar(value, refused)
}

const fixedOf = (value: number): string => (Number.isNaN(value) ? '"NaN"' : Number.isFinite(value) ? value.toFixed(6) : value > 0 ? '"+Inf"' : '"-Inf"')

const kinds: Readonly<Record<Clause, ReadonlySet<CelType['sort']>>> = {
  s: new Set(['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null']),
  d: new Set(['int', 'uint']), f: new Set(['double', 'string']), e: new Set(['double', 'string']), b: new Set(['int', 'uint', 'bool']),
  x: new Set(['int', 'uint', 'string', 'bytes']), X: new Set(['int', 'uint', 'string', 'bytes']), o: new Set(['int', 'uint']),
}

/** What is wrong with a call of `format` whose format and arguments stand in the expression. */
export function formatFault({ target, args: [list], at }: Call): Fault[] {
  if (target?.kind !== 'literal' || target.of !== 'string' || list?.kind !== 'list') return []
  let seen = 0
  let fault: Fault | undefined
  const stop = (message: string, where = at): never => {
    fault = { at: where, message }
    throw stopped
  }
  try {
    formatted(target.value as string, list.items.length, (kind, index) => {
      seen = index + 1
      const wrong = unformattable(list.items[index]!, kind)
      if (wrong) stop(`error during formatting: ${wanted[kind]}, was given ${typeText(wrong.type!)}`, wrong.at)
      return ''
    }, stop)
  } catch (error) {
    if (error !== stopped) throw error
  }
  if (!fault && list.items.length > seen) fault = { at, message: `too many arguments supplied to string.format (expected ${seen}, got ${list.items.length})` }
  return fault ? [fault] : []
}

const stopped = Symbol('stopped')

function unformattable(expr: Expr, kind: Clause): Expr | undefined {
  const { sort } = expr.type!
  if (sort !== 'dyn' && !kinds[kind].has(sort)) return expr
  if (kind !== 's') return undefined
  if (expr.kind === 'list') return first(expr.items, kind)
  return expr.kind === 'map' ? first(expr.entries.flatMap(({ key, value }) => [key, value]), kind) : undefined
}

function first(exprs: readonly Expr[], kind: Clause): Expr | undefined {
  for (const expr of exprs) {
    const found = unformattable(expr, kind)
    if (found) return found
  }
  return undefined
}

