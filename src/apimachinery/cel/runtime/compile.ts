import { listCost, mapCost, structCost } from '../cost/actual'
import type { ObjectTypes } from '../check/scope'
import type { Call, Expr, List, MapLiteral, Struct as StructExpr } from '../syntax/ast'
import { isAttribute, compileAttribute } from './attributes'
import { compileCall, compileOr } from './calls'
import { constantOf, membership } from './constants'
import { celError, fail, isFault, noSuchOverload, type CelError } from './errors'
import { compileFold } from './folds'
import type { Node } from './frame'
import { Locals } from './locals'
import { mapKey, Optional, Struct } from './values'

/** What the compiler of a node needs of those around it. */
export interface Compiler {
  compile(expr: Expr, locals: Locals): Node
  readonly objects: ObjectTypes
  /** The names of the variables that were met. */
  readonly reads: Set<string>
}

/** Turns a checked expression into closures. Throws `CelError` where a constant in it can only fail. */
export function compileExpression(root: Expr, objects: ObjectTypes): { node: Node; reads: ReadonlySet<string> } {
  const compiler: Compiler = { objects, reads: new Set(), compile: (expr, locals) => compileNode(expr, locals, compiler) }
  const node = compiler.compile(root, new Locals())
  return { node, reads: compiler.reads }
}

function compileNode(expr: Expr, locals: Locals, compiler: Compiler): Node {
  const constant = constantOf(expr)
  if (constant) {
    const { value } = constant
    return () => value
  }
  if (isAttribute(expr)) return compileAttribute(expr, locals, compiler, true)
  switch (expr.kind) {
    case 'call':
      return compileOperator(expr, locals, compiler)
    case 'list':
      return compileList(expr, locals, compiler)
    case 'map':
      return compileMap(expr, locals, compiler)
    case 'struct':
      return compileStruct(expr, locals, compiler)
    case 'fold':
      return compileFold(expr, locals, compiler)
    default:
      throw new Error(`${expr.kind} is compiled as an attribute or a constant`)
  }
}

function compileOperator(call: Call, locals: Locals, compiler: Compiler): Node {
  const args = (): Node[] => [...(call.target ? [call.target] : []), ...call.args].map((arg) => compiler.compile(arg, locals))
  switch (call.name) {
    case '_&&_':
    case '_||_':
      return logic(call.name === '_||_', terms(call, call.name).map((term) => compiler.compile(term, locals)))
    case 'or':
    case 'orValue':
      return compileOr(call.name === 'orValue', args() as [Node, Node])
    case '@in': {
      const list = call.overloads!.length === 1 && call.overloads![0]!.id === 'in_list' ? constantOf(call.args[1]!)?.value as readonly unknown[] | undefined : undefined
      if (list?.length === 0) return () => false
      const isMember = list && membership(list)
      if (!isMember) break
      const item = compiler.compile(call.args[0]!, locals)
      return (frame) => isMember(item(frame))
    }
    default:
  }
  return compileCall(call, args())
}

/** The operands of a chain of one operator. */
const terms = (expr: Expr, name: string): Expr[] => (expr.kind === 'call' && expr.name === name ? expr.args.flatMap((arg) => terms(arg, name)) : [expr])

function logic(decisive: boolean, nodes: readonly Node[]): Node {
  return (frame) => {
    let fault: CelError | undefined
    for (const node of nodes) {
      let value: unknown
      try {
        value = node(frame)
      } catch (error) {
        if (!isFault(error)) throw error
        fault ??= error
        continue
      }
      if (value === decisive) return decisive
      if (value !== !decisive) fault ??= celError('no such overload')
    }
    if (fault) throw fault
    return !decisive
  }
}

const optionalValue = (value: unknown, refused: () => never): unknown => (value instanceof Optional ? value.value : refused())

function compileList({ items, optional }: List, locals: Locals, compiler: Compiler): Node {
  const nodes = items.map((item) => compiler.compile(item, locals))
  if (optional.size === 0) return (frame) => {
    frame.cost += listCost
    const made: unknown[] = []
    for (const node of nodes) made.push(node(frame))
    return made
  }
  return (frame) => {
    frame.cost += listCost
    const made: unknown[] = []
    for (const [i, node] of nodes.entries()) {
      const value = node(frame)
      if (!optional.has(i)) made.push(value)
      else if (value !== Optional.none) made.push(optionalValue(value, () => fail('cannot initialize optional list element from non-optional value')))
    }
    return made
  }
}

function compileMap({ entries }: MapLiteral, locals: Locals, compiler: Compiler): Node {
  const nodes = entries.map(({ key, value, optional }) => ({ key: compiler.compile(key, locals), value: compiler.compile(value, locals), optional }))
  return (frame) => {
    frame.cost += mapCost
    const made = new Map<unknown, [unknown, unknown]>()
    for (const { key, value, optional } of nodes) {
      const [name, found] = [key(frame), value(frame)]
      const id = mapKey(name)
      if (id === undefined) noSuchOverload()
      if (!optional) made.set(id, [name, found])
      else if (found === Optional.none) made.delete(id)
      else made.set(id, [name, optionalValue(found, () => fail(`cannot initialize optional entry '${String(name)}' from non-optional value`))])
    }
    return made
  }
}

function compileStruct({ name, fields }: StructExpr, locals: Locals, compiler: Compiler): Node {
  const { make } = compiler.objects(name)!
  const nodes = fields.map((field) => ({ ...field, value: compiler.compile(field.value, locals) }))
  return (frame) => {
    frame.cost += structCost
    const made: Record<string, unknown> = {}
    for (const { name: field, value, optional } of nodes) {
      const found = value(frame)
      if (!optional) made[field] = found
      else if (found === Optional.none) delete made[field]
      else made[field] = optionalValue(found, () => fail(`cannot initialize optional entry '${field}' from non-optional value`))
    }
    return make ? make(made) : new Struct(name, made)
  }
}
