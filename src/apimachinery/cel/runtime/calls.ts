import { callCost } from '../cost/actual'
import { isOf, type Overload } from '../library/overload'
import { patternOf } from '../library/regex'
import type { CelType } from '../contract'
import type { Call } from '../syntax/ast'
import { equal } from './compare'
import { CelError, fail, isFault } from './errors'
import type { Frame, Node } from './frame'
import { typedEquality, typedJoin } from './typed-lists'
import { Opaque, Optional, typeNameOf, TypeValue } from './values'
import { namedTypes } from '../check/scope'

/** What is no pattern is found out at once where it stands in the expression. */
const patterns = new Set(['matches', 'find', 'findAll'])

type Value = (a?: unknown, b?: unknown, ...more: unknown[]) => unknown

/** A call whose arguments are evaluated all. */
export function compileCall(call: Call, args: readonly Node[]): Node {
  const overloads = call.overloads!
  const operands = [...(call.target ? [call.target] : []), ...call.args]
  const types = operands.map(({ type }) => type!)
  const pattern = patterns.has(call.name) ? operands[1] : undefined
  if (pattern?.kind === 'literal' && pattern.of === 'string') patternOf(pattern.value as string)
  return charged(call.name, overloads.length === 1 ? overloads[0]!.id : '', args, valueOf(call.name, overloads, types))
}

function charged(name: string, overload: string, args: readonly Node[], value: Value): Node {
  const cost = callCost(name, overload)
  const [first, second] = args
  if ('byResult' in cost) {
    return (frame) => {
      const found = value(...args.map((arg) => arg(frame)))
      frame.charge(cost.byResult(found))
      return found
    }
  }
  if ('byArgs' in cost) {
    const { byArgs } = cost
    if (args.length > 2) return (frame) => {
      const values = args.map((arg) => arg(frame))
      frame.charge(byArgs(values[0], values[1]))
      return value(...values)
    }
    return second ? binary(first!, second, byArgs, value) : (frame) => {
      const a = attempted(first!, frame)
      frame.charge(byArgs(a, undefined))
      return value(orThrow(a))
    }
  }
  const { fixed } = cost
  switch (args.length) {
    case 0:
      return (frame) => {
        frame.cost += fixed
        return value()
      }
    case 1:
      return (frame) => {
        frame.cost += fixed
        return value(first!(frame))
      }
    case 2:
      return binary(first!, second!, () => fixed, value)
    default:
      return (frame) => {
        const values = args.map((arg) => arg(frame))
        frame.charge(fixed)
        return value(...values)
      }
  }
}

/** Both arguments are evaluated, and the call is charged, though one of them fails: so the original has it. */
function binary(first: Node, second: Node, cost: (a: unknown, b: unknown) => number, value: Value): Node {
  return (frame) => {
    const a = attempted(first, frame)
    const b = attempted(second, frame)
    frame.charge(cost(a, b))
    return value(orThrow(a), orThrow(b))
  }
}

function attempted(node: Node, frame: Frame): unknown {
  try {
    return node(frame)
  } catch (error) {
    if (isFault(error)) return error
    throw error
  }
}

function orThrow(value: unknown): unknown {
  if (value instanceof CelError) throw value
  return value
}

function valueOf(name: string, overloads: readonly Overload[], types: readonly CelType[]): Value {
  switch (name) {
    case '_==_':
      return typedEquality(types[0]!) ?? equal
    case '_!=_': {
      const same = typedEquality(types[0]!) ?? equal
      return (a, b) => isForeign(a, b) || !same(a, b)
    }
    case 'type':
      return typeOfValue
    default: {
      const joined = name === '_+_' ? typedJoin(types[0]!) : undefined
      return joined ?? dispatch(name, overloads, types)
    }
  }
}

/** Whether an address, say, is asked about something else: it is not equal to that, though one may not ask whether it is. */
const isForeign = (a: unknown, b: unknown): boolean => a instanceof Opaque && !(b instanceof Opaque && a.typeName === b.typeName)

const typeValues = new Map<string, TypeValue>()

function typeOfValue(value: unknown): TypeValue {
  const name = value instanceof TypeValue ? 'type' : typeNameOf(value)
  let found = typeValues.get(name)
  if (!found) typeValues.set(name, (found = new TypeValue(name, namedTypes.get(name) ?? { sort: 'opaque', name })))
  return found
}

/** Where the checker knew all types, and only one overload fits, nothing is left to be asked when it is called. */
function dispatch(name: string, overloads: readonly Overload[], types: readonly CelType[]): Value {
  const [only] = overloads as readonly [Overload]
  if (only.dynamic) return only.call as Value
  if (overloads.length === 1) {
    const asked = only.args.flatMap((type, i) => (type.sort === 'dyn' || type.sort === 'param' || isCertain(types[i]!) ? [] : [{ type, i }]))
    if (asked.length === 0) return only.call as Value
    return (...args) => (asked.every(({ type, i }) => isOf(args[i], type)) ? (only.call as Value)(...args) : unknownTo(name, args))
  }
  return (...args) => {
    const found = overloads.find((overload) => overload.args.length === args.length && overload.args.every((type, i) => isOf(args[i], type)))
    return found ? (found.call as Value)(...args) : unknownTo(name, args)
  }
}

const isCertain = ({ sort }: CelType): boolean => sort !== 'dyn' && sort !== 'param'
const unknownTo = (name: string, args: readonly unknown[]): never => fail(`no such overload: ${name}(${args.map(typeNameOf).join(', ')})`)

/** `a.or(b)`, `a.orValue(b)`: `b` is evaluated only when it is needed, and the call itself costs nothing. */
export function compileOr(value: boolean, [first, second]: readonly [Node, Node]): Node {
  return (frame) => {
    const found = first(frame)
    if (!(found instanceof Optional)) return found
    if (!found.hasValue) return second(frame)
    return value ? found.value : found
  }
}
