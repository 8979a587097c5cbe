import type { Call, Expr, Ident, Select } from '../syntax/ast'
import { unwrapOptional } from '../check/types'
import type { Compiler } from './compile'
import { constantOf } from './constants'
import { fail, noSuchOverload } from './errors'
import type { Frame, Node } from './frame'
import type { Locals } from './locals'
import { readerOf, type Reader } from './readers'
import { isThere, select, selectIfThere } from './selection'
import { Optional } from './values'

/** Reading a variable and what is in it is one step to the reckoning of costs: each part of the path costs one, and the whole one more. */
type Attribute = Ident | Select | Call
const selections = new Set(['_[_]', '_[?_]', '_?._', '_?_:_'])

export const isAttribute = (expr: Expr): boolean => expr.kind === 'ident' || expr.kind === 'select' || (expr.kind === 'call' && selections.has(expr.name))

interface Part {
  /** A key that stands in the expression, or what it is to be worked out from. */
  readonly key: unknown
  readonly node: Node | undefined
  readonly optional: boolean
  readonly reader: Reader | undefined
  /** Of an object that a schema describes, where null is as good as nothing. */
  readonly field: boolean
}

/** `whole`: whether the step itself is charged, which it is not as a branch of a condition or as an index. */
export function compileAttribute(attribute: Expr, locals: Locals, compiler: Compiler, whole: boolean): Node {
  const expr = attribute as Attribute
  if (expr.kind === 'call' && expr.name === '_?_:_') return condition(expr, locals, compiler)
  const test = expr.kind === 'select' && expr.test
  const parts: Part[] = []
  let base: Expr = expr
  let first = true
  while ((base.kind === 'select' && base.variable === undefined && !base.names && (first || !base.test))
    || (base.kind === 'call' && base.name !== '_?_:_' && selections.has(base.name))) {
    parts.unshift(partOf(base, locals, compiler))
    base = base.kind === 'select' ? base.operand : base.args[0]!
    first = false
  }
  const conditional = base.kind === 'call' && base.name === '_?_:_'
  const start = base.kind === 'ident' || base.kind === 'select' ? variable(base, locals, compiler) : compiler.compile(base, locals)
  const charge = (whole && !conditional ? 1 : 0) - (test && whole ? 1 : 0)
  const mayBeOptional = base.type!.sort === 'optional' || base.type!.sort === 'dyn' || parts.some(({ optional }) => optional)
  if (test) return presence(start, parts, charge)
  if (parts.length === 0) {
    const reader = readerOf(expr.type!)
    return (frame) => {
      frame.cost += charge
      const value = start(frame)
      return reader ? reader(value) : value
    }
  }
  return mayBeOptional ? optionalPath(start, parts, charge) : path(start, parts, charge)
}

function partOf(expr: Select | Call, locals: Locals, compiler: Compiler): Part {
  const operand = expr.kind === 'select' ? expr.operand : expr.args[0]!
  const within = unwrapOptional(operand.type!).type
  const named = (field: string): string => (within.sort === 'object' ? within.jsonName?.(field) ?? field : field)
  const reader = readerOf(unwrapOptional(expr.type!).type)
  const field = within.sort === 'object' && within.jsonName !== undefined
  if (expr.kind === 'select') return { key: named(expr.field), node: undefined, optional: false, reader, field }
  const index = expr.args[1]!
  const optional = expr.name !== '_[_]'
  const constant = constantOf(index)
  if (constant) return { key: expr.name === '_?._' ? named(constant.value as string) : constant.value, node: undefined, optional, reader, field }
  return { key: undefined, node: isAttribute(index) ? compileAttribute(index, locals, compiler, false) : compiler.compile(index, locals), optional, reader, field }
}

function variable(expr: Ident | Select, locals: Locals, compiler: Compiler): Node {
  const name = expr.kind === 'ident' ? expr.name : expr.variable
  if (name === undefined) return compiler.compile(expr, locals)
  const local = expr.kind === 'ident' ? locals.find(name) : undefined
  if (local) {
    const { slot, lazy } = local
    if (!lazy) return (frame) => frame.locals[slot]
    return (frame) => {
      const held = frame.locals[slot]
      return held instanceof Pending ? (frame.locals[slot] = held.node(frame)) : held
    }
  }
  compiler.reads.add(name)
  const reader = readerOf(expr.type!)
  return reader ? (frame) => reader(frame.variable(name)) : (frame) => frame.variable(name)
}

/** A variable of a fold that was not read yet. */
export class Pending {
  readonly node: Node
  constructor(node: Node) {
    this.node = node
  }
}

const nothingAt = (key: unknown): never => fail(`no such key: ${String(key)}`)

const keyOf = ({ key, node }: Part, frame: Frame): unknown => (node ? node(frame) : key)

function path(start: Node, parts: readonly Part[], charge: number): Node {
  const [only] = parts as readonly [Part]
  if (parts.every(({ node, reader }, i) => !node && (!reader || i === parts.length - 1))) {
    const { reader } = parts.at(-1)!
    const keys = parts.map(({ key }) => key)
    const fields = parts.map(({ field }) => field)
    const read = (frame: Frame): unknown => {
      frame.cost += charge
      let value = start(frame)
      for (let i = 0; i < keys.length; i++) {
        frame.cost++
        value = select(value, keys[i])
        if (value === null && fields[i]) return nothingAt(keys[i])
      }
      return value
    }
    return reader ? (frame) => reader(read(frame)) : read
  }
  if (parts.length === 1) return (frame) => {
    const container = start(frame)
    const key = keyOf(only, frame)
    frame.cost += charge + 1
    const value = select(container, key)
    if (value === null && only.field) return nothingAt(key)
    return only.reader ? only.reader(value) : value
  }
  return (frame) => {
    frame.cost += charge
    let value = start(frame)
    for (const part of parts) {
      const key = keyOf(part, frame)
      frame.cost++
      value = select(value, key)
      if (value === null && part.field) return nothingAt(key)
      if (part.reader) value = part.reader(value)
    }
    return value
  }
}

function optionalPath(start: Node, parts: readonly Part[], charge: number): Node {
  return (frame) => {
    frame.cost += charge
    let value = start(frame)
    let optional = value instanceof Optional
    if (value instanceof Optional) {
      if (!value.hasValue) return value
      value = value.value
    }
    for (const part of parts) {
      optional ||= part.optional
      const key = keyOf(part, frame)
      if (optional) {
        value = selectIfThere(value, key)
        if (value === undefined || (value === null && part.field)) return Optional.none
        frame.cost++
      } else {
        frame.cost++
        value = select(value, key)
        if (value === null && part.field) return nothingAt(key)
      }
      if (part.reader) value = part.reader(value)
    }
    return optional ? new Optional(value) : value
  }
}

/** `has(a.b.c)`: all but the last are read. */
function presence(start: Node, parts: readonly Part[], charge: number): Node {
  const last = parts.at(-1)!
  const before = parts.slice(0, -1)
  return (frame) => {
    frame.cost += charge
    let value = start(frame)
    let optional = value instanceof Optional
    if (value instanceof Optional) {
      if (!value.hasValue) return false
      value = value.value
    }
    for (const part of before) {
      optional ||= part.optional
      const key = keyOf(part, frame)
      if (optional) {
        value = selectIfThere(value, key)
        if (value === undefined || (value === null && part.field)) return false
        frame.cost++
      } else {
        frame.cost++
        value = select(value, key)
        if (value === null && part.field) return nothingAt(key)
      }
      if (part.reader) value = part.reader(value)
    }
    frame.cost++
    return last.field ? (selectIfThere(value, last.key) ?? null) !== null : isThere(value, last.key)
  }
}

function condition({ args: [test, yes, no] }: Call, locals: Locals, compiler: Compiler): Node {
  const branch = (expr: Expr): Node => (isAttribute(expr) && !constantOf(expr) ? compileAttribute(expr, locals, compiler, false) : compiler.compile(expr, locals))
  const [asked, truthy, falsy] = [compiler.compile(test!, locals), branch(yes!), branch(no!)]
  return (frame) => {
    const held = asked(frame)
    return held === true ? truthy(frame) : held === false ? falsy(frame) : noSuchOverload()
  }
}
