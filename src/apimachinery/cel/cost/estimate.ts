import type { CelType } from '../contract'
import { isReserved } from '../escaping'
import type { Call, Expr, Fold } from '../syntax/ast'
import { characters } from '../runtime/values'
import { estimateCall, type Estimate, type Operand } from './call-estimates'
import { listCost, mapCost, structCost } from './actual'
import { anySize, exactly, largest, times, union, type Range } from './sizes'

/** Sizes of the keys (or places) and values of a list or map that an expression makes. */
interface Entries {
  readonly list: boolean
  readonly key: Range
  readonly value: Range
}

/** What is known of a variable of a fold. `path` is where in the declared variables its value is from. */
interface Local {
  readonly path: Path | undefined
  readonly size: Range | undefined
  readonly entries: Entries | undefined
}

type Path = readonly string[]

/**
 * The most that an expression can cost, by the original's way of reckoning: node by node, with the limits of the declared types for
 * what is read from variables, and without limit for what nothing is known of. With `sizesOf`, whatever a path begins with is of that
 * type: so the original takes it for rules, to whom there is one root.
 */
export function worstCost(root: Expr, variables: ReadonlyMap<string, CelType>, sizesOf: CelType | undefined): number {
  const paths = new Map<Expr, Path>()
  const sizes = new Map<Expr, Range>()
  const entrySizes = new Map<Expr, Entries>()
  const locals = new Map<string, Local[]>()
  const local = (name: string): Local | undefined => locals.get(name)?.at(-1)
  const push = (name: string, one: Local): void => void locals.set(name, [...(locals.get(name) ?? []), one])
  const pop = (name: string): void => void locals.get(name)!.pop()

  const pathOf = (expr: Expr): Path | undefined => {
    const variable = expr.kind === 'ident' ? local(expr.name) : undefined
    return variable ? variable.path : paths.get(expr)
  }
  const below = (expr: Expr, step: string): Path => [...(pathOf(expr) ?? []), step]

  const declaredSize = (path: Path | undefined): Range | undefined => {
    if (!path || path.length === 0) return undefined
    const type = typeAt(path, sizesOf ?? variables.get(path[0]!))
    const max = type && maxOf(type)
    return max === undefined ? undefined : { min: 0, max }
  }
  const sizeOf = (expr: Expr): Range | undefined => {
    const known = sizes.get(expr) ?? literalSize(expr)
    if (known) return known
    const declared = declaredSize(pathOf(expr))
    if (declared) {
      sizes.set(expr, declared)
      return declared
    }
    if (isScalar(expr.type!)) return exactly(1)
    return expr.kind === 'ident' ? local(expr.name)?.size : undefined
  }
  const entriesOf = (expr: Expr): Entries | undefined => entrySizes.get(expr) ?? (expr.kind === 'ident' ? local(expr.name)?.entries : undefined)
  const operand = (expr: Expr): Operand => {
    const path = pathOf(expr)
    const size = sizeOf(expr)
    return {
      expr, type: expr.type!, size: size ?? anySize, known: size !== undefined,
      itemSize: () => declaredSize(path && path[0] !== '@result' ? [...path, '@items'] : undefined) ?? anySize,
    }
  }
  const isList = (expr: Expr): boolean => entriesOf(expr)?.list ?? expr.type!.sort === 'list'

  const cost = (expr: Expr): number => Math.min(costOf(expr), largest)
  const sum = (exprs: readonly Expr[]): number => exprs.reduce((total, expr) => Math.min(total + cost(expr), largest), 0)

  const costOf = (expr: Expr): number => {
    switch (expr.kind) {
      case 'literal':
        return 0
      case 'ident':
        if (!local(expr.name)) paths.set(expr, [expr.name])
        return 1
      case 'select': {
        if (expr.variable !== undefined || expr.names) {
          paths.set(expr, [expr.variable ?? expr.field])
          return 1
        }
        if (expr.test) return cost(expr.operand)
        const found = cost(expr.operand) + (['map', 'object'].includes(expr.operand.type!.sort) ? 1 : 0)
        paths.set(expr, below(expr.operand, expr.field))
        return found
      }
      case 'list': {
        const found = sum(expr.items) + listCost
        entrySizes.set(expr, { list: true, key: exactly(1), value: unionOf(expr.items) })
        return found
      }
      case 'map': {
        const found = sum(expr.entries.flatMap(({ key, value }) => [key, value])) + mapCost
        entrySizes.set(expr, { list: false, key: unionOf(expr.entries.map(({ key }) => key)), value: unionOf(expr.entries.map(({ value }) => value)) })
        return found
      }
      case 'struct':
        return sum(expr.fields.map(({ value }) => value)) + structCost
      case 'fold':
        return expr.form === 'bind' ? ofBinding(expr) : ofFold(expr)
      default:
        return ofCall(expr)
    }
  }
  const unionOf = (exprs: readonly Expr[]): Range =>
    exprs.length === 0 ? exactly(0) : exprs.map((expr) => sizeOf(expr) ?? anySize).reduce((a, b) => union(a, b))

  const ofCall = (call: Call): number => {
    if (call.name === 'dyn') {
      const [inner] = call.args as [Expr]
      const found = cost(inner) + 1
      copySizes(call, inner)
      return found
    }
    const argCosts = call.args.map(cost)
    const overloads = call.overloads ?? []
    // The original does not know what optional selection costs beyond its parts.
    if (call.name === '_?._') return optionalSelection(call, argCosts)
    const target = call.target && cost(call.target)
    const total = argCosts.reduce((a, b) => a + b, 0)
    let worst = 0
    let result: Range | undefined
    for (const { id } of overloads) {
      const found: Estimate = estimateCall(call.name, id, call.target && operand(call.target), call.args.map(operand))
      worst = Math.max(worst, argumentsCost(id, argCosts, total) + found.cost)
      if (found.result) result = result ? union(result, found.result) : found.result
      if (id === 'conditional') result = conditional(call)
      if (id === 'add_list' || id === 'add_string' || id === 'add_bytes') joinEntries(call, call.args as [Expr, Expr])
      if (id === 'index_list' || id === 'index_map') {
        result = entriesOf(call.args[0]!)?.value
        paths.set(call, below(call.args[0]!, id === 'index_list' ? '@items' : '@values'))
      }
      result ??= sizeOf(call)
    }
    if (result) sizes.set(call, result)
    return (target ?? 0) + worst
  }
  const optionalSelection = (call: Call, argCosts: readonly number[]): number => {
    const found = estimateCall(call.name, 'select_optional_field', undefined, call.args.map(operand))
    const size = sizeOf(call)
    if (size) sizes.set(call, size)
    return argCosts.reduce((a, b) => a + b, 0) + found.cost
  }
  const conditional = (call: Call): Range => {
    const [, yes, no] = call.args as [Expr, Expr, Expr]
    joinEntries(call, [yes, no])
    return union(sizeOf(yes) ?? anySize, sizeOf(no) ?? anySize)
  }
  const joinEntries = (expr: Expr, [a, b]: readonly [Expr, Expr]): void => {
    const [x, y] = [entriesOf(a), entriesOf(b)]
    if (x && y) entrySizes.set(expr, { list: x.list, key: union(x.key, y.key), value: union(x.value, y.value) })
  }
  const copySizes = (to: Expr, from: Expr): void => {
    const [size, entries] = [sizeOf(from), entriesOf(from)]
    if (size) sizes.set(to, size)
    if (entries) entrySizes.set(to, entries)
  }

  const ofBinding = (fold: Fold): number => {
    const found = cost(fold.range) + cost(fold.init)
    push(fold.accu, { path: pathOf(fold.init), size: sizeOf(fold.init), entries: entriesOf(fold.init) })
    const result = cost(fold.result)
    pop(fold.accu)
    copySizes(fold, fold.result)
    return found + result
  }

  const ofFold = (fold: Fold): number => {
    const { range, init, condition, step, result, accu, iter, iter2 } = fold
    const before = cost(range) + cost(init)
    push(accu, { path: pathOf(init), size: sizeOf(init), entries: entriesOf(init) })
    const entries = entriesOf(range)
    const [list, key, value] = [isList(range), entries?.key, entries?.value]
    const first = list && iter2 === undefined
    push(iter, { path: below(range, first ? '@items' : list ? '@indices' : '@keys'), size: first ? value : key, entries: undefined })
    if (iter2 !== undefined) push(iter2, { path: below(range, list ? '@items' : '@values'), size: value, entries: undefined })
    const each = cost(condition) + cost(step)
    pop(iter)
    if (iter2 !== undefined) pop(iter2)
    const after = cost(result)
    pop(accu)
    const count = sizeOf(range) ?? anySize
    if (init.kind === 'literal') sizes.set(fold, sizeOf(init)!)
    else {
      sizes.set(fold, count)
      const made = entriesOf(step)
      if (made) entrySizes.set(fold, made)
    }
    return before + after + times(count, exactly(Math.min(each, largest))).max
  }

  return cost(root)
}

/** What is evaluated of the arguments, at worst. */
function argumentsCost(overload: string, costs: readonly number[], total: number): number {
  if (overload === 'conditional') return costs[0]! + Math.max(costs[1]!, costs[2]!)
  return total
}

function literalSize(expr: Expr): Range | undefined {
  switch (expr.kind) {
    case 'literal':
      return exactly(expr.of === 'string' ? characters(expr.value as string) : expr.of === 'bytes' ? (expr.value as Uint8Array).length : 1)
    case 'list':
      return exactly(expr.items.length)
    case 'map':
      return exactly(expr.entries.length)
    default:
      return undefined
  }
}

const scalars = new Set<CelType['sort']>(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'])
const isScalar = (type: CelType): boolean => (type.sort === 'optional' ? isScalar(type.value) : scalars.has(type.sort))

/** The declared type at the end of a path, of which the first step is from `type`. */
function typeAt(path: Path, type: CelType | undefined): CelType | undefined {
  for (const step of path.slice(1)) {
    if (type?.sort === 'optional') type = type.value
    if (step === '@items' || step === '@values') type = type?.sort === 'list' ? type.item : type?.sort === 'map' ? type.value : undefined
    else if (step === '@keys') type = type?.sort === 'map' ? type.key : undefined
    else if (type?.sort === 'map' && type.value.sort === 'dyn' && type.value.any) type = type.value
    else type = type?.sort === 'object' && !isReserved(step) ? type.fields().get(step) : undefined
    if (!type) return undefined
  }
  return type
}

const limited = new Set<CelType['sort']>(['dyn', 'string', 'bytes', 'list', 'map'])

/** Values of simple types and of objects have no size to speak of: so the original takes it. Undefined: nothing is known of it. */
function maxOf(type: CelType): number | undefined {
  if (type.sort === 'optional') return maxOf(type.value)
  return limited.has(type.sort) ? (type as { max?: number }).max : ('max' in type ? type.max : 0) ?? 0
}

