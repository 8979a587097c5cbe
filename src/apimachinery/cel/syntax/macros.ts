import { accumulator, copyOf, unused, walk, type Call, type Expr, type Fold } from './ast'

/** What a macro makes of a call; undefined when the call is none of its own; a fault is thrown as `MacroFault`. */
export type Macro = (target: Expr, args: readonly Expr[], at: number) => Expr | undefined

export class MacroFault {
  readonly at: number
  readonly message: string
  constructor(at: number, message: string) {
    this.at = at
    this.message = message
  }
}

const ident = (name: string, at: number): Expr => ({ kind: 'ident', name, at })
const call = (name: string, args: readonly Expr[], at: number, target?: Expr): Call => ({ kind: 'call', name, target, args, at })
const list = (items: readonly Expr[], at: number): Expr => ({ kind: 'list', items, optional: new Set(), at })
const bool = (value: boolean, at: number): Expr => ({ kind: 'literal', of: 'bool', value, at })
const int = (value: number, at: number): Expr => ({ kind: 'literal', of: 'int', value, at })

function variable(expr: Expr, otherwise: string): string {
  if (expr.kind !== 'ident') throw new MacroFault(expr.at, otherwise)
  if (expr.name === '__result__') throw new MacroFault(expr.at, 'iteration variable overwrites accumulator variable')
  return expr.name
}

function variables(args: readonly Expr[], two: boolean, otherwise: string): { iter: string; iter2: string | undefined } {
  const iter = variable(args[0]!, otherwise)
  if (!two) return { iter, iter2: undefined }
  const iter2 = variable(args[1]!, otherwise)
  if (iter === iter2) throw new MacroFault(args[1]!.at, `duplicate variable name: ${iter}`)
  return { iter, iter2 }
}

const notSimple = 'argument must be a simple name'

function quantifier(form: 'all' | 'exists' | 'existsOne', two: boolean): Macro {
  return (range, args, at) => {
    const accu = (): Expr => ident(accumulator, at)
    const fold = { kind: 'fold', form, range, ...variables(args, two, notSimple), accu: accumulator, at } as const
    const body = args.at(-1)!
    const holds = (expr: Expr): Expr => call('@not_strictly_false', [expr], at)
    switch (form) {
      case 'all':
        return { ...fold, init: bool(true, at), condition: holds(accu()), step: call('_&&_', [accu(), body], at), result: accu() }
      case 'exists':
        return { ...fold, init: bool(false, at), condition: holds(call('!_', [accu()], at)), step: call('_||_', [accu(), body], at), result: accu() }
      default:
        return {
          ...fold, init: int(0, at), condition: bool(true, at),
          step: call('_?_:_', [body, call('_+_', [accu(), int(1, at)], at), accu()], at), result: call('_==_', [accu(), int(1, at)], at),
        }
    }
  }
}

/** `map`, `filter` and their like: a list or map that grows with each item that passes. */
function growing(form: 'list' | 'map' | 'mapEntry', names: 1 | 2, filtered: boolean, otherwise: string): Macro {
  return (range, args, at) => {
    const accu = (): Expr => ident(accumulator, at)
    const { iter, iter2 } = variables(args, names === 2, otherwise)
    const body = args.at(-1)!
    const insert = form === 'map' ? [accu(), ident(iter, at), body] : [accu(), body]
    const grown = form === 'list' ? call('_+_', [accu(), list([body], at)], at) : call('cel.@mapInsert', insert, at)
    const step = filtered ? call('_?_:_', [args[names]!, grown, accu()], at) : grown
    const init: Expr = form === 'list' ? list([], at) : { kind: 'map', entries: [], at }
    return { kind: 'fold', form, range, iter, iter2, accu: accumulator, init, condition: bool(true, at), step, result: accu(), at }
  }
}

const notIdentifier = 'argument is not an identifier'

const filter: Macro = (range, args, at) => growing('list', 1, true, notIdentifier)(range, [args[0]!, args[1]!, args[0]!], at)

/** A variable with a value, over an expression. */
function bound(name: string, value: Expr, result: Expr, at: number): Fold {
  return {
    kind: 'fold', form: 'bind', range: list([], at), iter: unused, iter2: undefined, accu: name,
    init: value, condition: bool(false, at), step: ident(name, at), result, at,
  }
}

/** The most parts that a macro repeats. */
const most = 20_000

function optionalMap(flat: boolean): Macro {
  return (target, args, at) => {
    const [name, body] = args as [Expr, Expr]
    if (name.kind !== 'ident') throw new MacroFault(name.at, `opt${flat ? 'FlatMap' : 'Map'}() variable name must be a simple identifier`)
    // Each of a chain of these holds all before it twice.
    let nodes = 0
    walk(target, () => {
      if (++nodes > most) throw new MacroFault(at, `expression is too large once its macros are expanded: more than ${most} parts`)
    })
    const mapped = bound(name.name, call('value', [], at, copyOf(target)), body, at)
    return call('_?_:_', [call('hasValue', [], at, target), flat ? mapped : call('optional.of', [mapped], at), call('optional.none', [], at)], at)
  }
}

const sortInput = '@__sortBy_input__'

const sortBy: Macro = (target, args, at) => {
  if (!['list', 'select', 'ident', 'fold', 'call'].includes(target.kind)) {
    throw new MacroFault(target.at, 'sortBy can only be applied to a list, identifier, comprehension, call or select expression')
  }
  const keys = growing('list', 1, false, notIdentifier)(ident(sortInput, at), args, at)!
  return bound(sortInput, target, call('@sortByAssociatedKeys', [keys], at, ident(sortInput, at)), at)
}

/** `cel.bind(name, value, expression)`: a value with a name, worked out once. Not every environment has it. */
const bind: Macro = (target, [name, value, result], at) => {
  if (target.kind !== 'ident' || target.name !== 'cel') return undefined
  if (name!.kind !== 'ident') throw new MacroFault(name!.at, 'cel.bind() variable names must be simple identifiers')
  return bound(name!.name, value!, result!, at)
}

export const bindings: ReadonlyMap<string, Macro> = new Map([['bind:3', bind]])

/** By name and number of arguments. */
export const receiverMacros: ReadonlyMap<string, Macro> = new Map([
  ['all:2', quantifier('all', false)], ['all:3', quantifier('all', true)],
  ['exists:2', quantifier('exists', false)], ['exists:3', quantifier('exists', true)],
  ['exists_one:2', quantifier('existsOne', false)], ['exists_one:3', quantifier('existsOne', true)],
  ['existsOne:2', quantifier('existsOne', false)], ['existsOne:3', quantifier('existsOne', true)],
  ['map:2', growing('list', 1, false, notIdentifier)], ['map:3', growing('list', 1, true, notIdentifier)], ['filter:2', filter],
  ['transformList:3', growing('list', 2, false, notSimple)], ['transformList:4', growing('list', 2, true, notSimple)],
  ['transformMap:3', growing('map', 2, false, notSimple)], ['transformMap:4', growing('map', 2, true, notSimple)],
  ['transformMapEntry:3', growing('mapEntry', 2, false, notSimple)], ['transformMapEntry:4', growing('mapEntry', 2, true, notSimple)],
  ['optMap:2', optionalMap(false)], ['optFlatMap:2', optionalMap(true)], ['sortBy:2', sortBy],
])
