import type { CelType } from '../contract'
import type { Overload } from '../library/overload'

/** What the checker found out about a node; the compiler and the estimate read it. */
interface Checked {
  /** Where an error about this node points to: an offset in code points. */
  readonly at: number
  type?: CelType
}

export interface Literal extends Checked {
  readonly kind: 'literal'
  readonly value: unknown
  readonly of: 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes'
}

export interface Ident extends Checked {
  readonly kind: 'ident'
  name: string
  /** Set for names of types. */
  names?: CelType
}

export interface Select extends Checked {
  readonly kind: 'select'
  readonly operand: Expr
  readonly field: string
  /** `has(operand.field)`. */
  readonly test: boolean
  /** Set when `a.b` is one variable with a dot in its name, or the name of a type. */
  variable?: string
  names?: CelType
}

export interface Call extends Checked {
  readonly kind: 'call'
  name: string
  target: Expr | undefined
  readonly args: readonly Expr[]
  overloads?: readonly Overload[]
}

export interface List extends Checked {
  readonly kind: 'list'
  readonly items: readonly Expr[]
  readonly optional: ReadonlySet<number>
}

export interface MapEntry {
  readonly at: number
  readonly key: Expr
  readonly value: Expr
  readonly optional: boolean
}

export interface MapLiteral extends Checked {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
}

export interface StructField {
  readonly at: number
  readonly name: string
  readonly value: Expr
  readonly optional: boolean
}

export interface Struct extends Checked {
  readonly kind: 'struct'
  name: string
  readonly fields: readonly StructField[]
}

/**
 * What macros become: checked and estimated as the fold that it is, compiled by its form (`all`, `map`, ...), since a loop that
 * knows what it does is quicker than one that evaluates its condition.
 */
export interface Fold extends Checked {
  readonly kind: 'fold'
  readonly form: 'all' | 'exists' | 'existsOne' | 'list' | 'map' | 'mapEntry' | 'bind'
  readonly range: Expr
  readonly iter: string
  readonly iter2: string | undefined
  readonly accu: string
  readonly init: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}

export type Expr = Literal | Ident | Select | Call | List | MapLiteral | Struct | Fold

/** The parts of the macro in a fold: what is asked of each item first, and what an item becomes. */
export function partsOf({ form, step, result }: Fold): { filter: Expr | undefined; body: Expr } {
  const call = (expr: Expr): readonly Expr[] => (expr as Call).args
  switch (form) {
    case 'all':
    case 'exists':
      return { filter: undefined, body: call(step)[1]! }
    case 'existsOne':
      return { filter: undefined, body: call(step)[0]! }
    case 'bind':
      return { filter: undefined, body: result }
    default: {
      const filtered = (step as Call).name === '_?_:_'
      const add = call(filtered ? call(step)[1]! : step)
      const last = add.at(-1)!
      return { filter: filtered ? call(step)[0] : undefined, body: form === 'list' ? (last as List).items[0]! : last }
    }
  }
}

/** No expression can write these names. */
export const accumulator = '@result'
export const unused = '#unused'

/** `a.b.c` when it could be one name. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name
  if (expr.kind !== 'select' || expr.test) return undefined
  const prefix = qualifiedName(expr.operand)
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`
}

/** Calls `visit` for a node and all below it, the node first. */
export function walk(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr)
  switch (expr.kind) {
    case 'select':
      // The parts of a name with dots in it are none of their own.
      if (expr.variable === undefined && !expr.names) walk(expr.operand, visit)
      return
    case 'call':
      if (expr.target) walk(expr.target, visit)
      for (const arg of expr.args) walk(arg, visit)
      return
    case 'list':
      for (const item of expr.items) walk(item, visit)
      return
    case 'map':
      for (const { key, value } of expr.entries) {
        walk(key, visit)
        walk(value, visit)
      }
      return
    case 'struct':
      for (const { value } of expr.fields) walk(value, visit)
      return
    case 'fold':
      for (const part of [expr.range, expr.init, expr.condition, expr.step, expr.result]) walk(part, visit)
  }
}

/** A copy whose nodes the checker can type anew: a macro that uses an argument twice must not share it. */
export function copyOf<T extends Expr>(expr: T): T
export function copyOf(expr: Expr): Expr {
  switch (expr.kind) {
    case 'select':
      return { ...expr, operand: copyOf(expr.operand) }
    case 'call':
      return { ...expr, target: expr.target && copyOf(expr.target), args: expr.args.map((arg) => copyOf(arg)) }
    case 'list':
      return { ...expr, items: expr.items.map((item) => copyOf(item)) }
    case 'map':
      return { ...expr, entries: expr.entries.map((entry) => ({ ...entry, key: copyOf(entry.key), value: copyOf(entry.value) })) }
    case 'struct':
      return { ...expr, fields: expr.fields.map((field) => ({ ...field, value: copyOf(field.value) })) }
    case 'fold':
      return { ...expr, range: copyOf(expr.range), init: copyOf(expr.init), condition: copyOf(expr.condition), step: copyOf(expr.step), result: copyOf(expr.result) }
    default:
      return { ...expr }
  }
}
