import { listCost } from '../cost/actual'
import { partsOf, type Expr, type Fold } from '../syntax/ast'
import { Pending } from './attributes'
import type { Compiler } from './compile'
import { constantOf } from './constants'
import { celError, fail, isFault, noSuchOverload, type CelError } from './errors'
import type { Frame, Node } from './frame'
import type { Locals } from './locals'
import { isMap, isNumber, mapGet, mapHas, mapKey, mapKeys, typeNameOf } from './values'

/** Calls `step` with each item in the slots of the variables until it says that enough was seen. */
type Loop = (frame: Frame, step: (frame: Frame) => boolean) => void

/** What the original's general fold would cost is charged, though loops that know what they do take less. */
export function compileFold(fold: Fold, locals: Locals, compiler: Compiler): Node {
  if (fold.form === 'bind') return compileBinding(fold, locals, compiler)
  const names = [fold.iter, ...(fold.iter2 === undefined ? [] : [fold.iter2])]
  const { inner, slots } = locals.with(names)
  const loop = loopOver(compiler.compile(fold.range, locals), slots)
  const { filter, body } = partsOf(fold)
  const compiled = (expr: Expr): Node => compiler.compile(expr, inner)
  switch (fold.form) {
    case 'all':
      return quantifier(loop, compiled(body), false, 2)
    case 'exists':
      return quantifier(loop, compiled(body), true, 3)
    case 'existsOne':
      return counter(loop, compiled(body))
    case 'list':
      return collector(loop, filter && compiled(filter), compiled(body), constantOf(body) ? 2 : 2 + listCost)
    default:
      return gatherer(loop, filter && compiled(filter), compiled(body), fold.form === 'map' ? slots[0]! : undefined)
  }
}

function loopOver(range: Node, [first, second]: readonly number[]): Loop {
  return (frame, step) => {
    const items = range(frame)
    if (Array.isArray(items)) {
      for (let i = 0; i < items.length; i++) {
        frame.locals[first!] = second === undefined ? items[i] : i
        if (second !== undefined) frame.locals[second] = items[i]
        if (step(frame)) return
      }
      return
    }
    if (!isMap(items)) return fail(second === undefined ? `got '${goTypeOf(items)}', expected iterable type` : `unsupported comprehension range type: ${goTypeOf(items)}`)
    for (const key of mapKeys(items)) {
      frame.locals[first!] = key
      if (second !== undefined) frame.locals[second] = mapGet(items, key)
      if (step(frame)) return
    }
  }
}

function goTypeOf(value: unknown): string {
  const name = typeNameOf(value)
  return name === 'null_type' ? 'types.Null' : isNumber(value) || name === 'string' || name === 'bool' || name === 'bytes'
    ? `types.${name[0]!.toUpperCase()}${name.slice(1)}` : name
}

/** `all` and `exists`: a fault counts only when no other item decides. */
function quantifier(loop: Loop, body: Node, decisive: boolean, conditionCost: number): Node {
  return (frame) => {
    let fault: CelError | undefined
    let decided = false
    loop(frame, () => {
      frame.charge(conditionCost)
      if (decided) return true
      frame.cost++
      try {
        const value = body(frame)
        if (value === decisive) decided = true
        else if (value !== !decisive) fault ??= celError('no such overload')
      } catch (error) {
        if (!isFault(error)) throw error
        fault ??= error
      }
      return false
    })
    frame.cost++
    if (decided) return decisive
    if (fault) throw fault
    return !decisive
  }
}

const passes = (value: unknown): boolean => (typeof value === 'boolean' ? value : noSuchOverload())

function counter(loop: Loop, body: Node): Node {
  return (frame) => {
    let count = 0
    loop(frame, () => {
      if (passes(body(frame))) {
        count++
        frame.cost += 2
      }
      frame.charge(0)
      return false
    })
    frame.cost += 2
    return count === 1
  }
}

function collector(loop: Loop, filter: Node | undefined, body: Node, cost: number): Node {
  return (frame) => {
    const made: unknown[] = []
    loop(frame, () => {
      if (!filter || passes(filter(frame))) {
        frame.charge(cost)
        made.push(body(frame))
      } else frame.charge(0)
      return false
    })
    frame.cost++
    return made
  }
}

function gatherer(loop: Loop, filter: Node | undefined, body: Node, keySlot: number | undefined): Node {
  return (frame) => {
    const made = new Map<unknown, [unknown, unknown]>()
    const insert = (key: unknown, value: unknown): void => {
      if (mapHas(made, key)) fail(`insert failed: key ${String(key)} already exists`)
      made.set(mapKey(key), [key, value])
    }
    loop(frame, () => {
      if (filter && !passes(filter(frame))) {
        frame.charge(0)
        return false
      }
      frame.charge(keySlot === undefined ? 2 : 3)
      const value = body(frame)
      if (keySlot !== undefined) insert(frame.locals[keySlot], value)
      else if (isMap(value)) for (const key of mapKeys(value)) insert(key, mapGet(value, key))
      else noSuchOverload()
      return false
    })
    frame.cost++
    return made
  }
}

function compileBinding({ accu, init, result }: Fold, locals: Locals, compiler: Compiler): Node {
  const value = compiler.compile(init, locals)
  const { inner, slots: [slot] } = locals.with([accu], true)
  const body = compiler.compile(result, inner)
  const pending = new Pending(value)
  return (frame) => {
    frame.locals[slot!] = pending
    return body(frame)
  }
}
