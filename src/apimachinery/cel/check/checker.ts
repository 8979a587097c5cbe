import type { CelType } from '../contract'
import type { FunctionDeclaration, Overload } from '../library/overload'
import { qualifiedName, walk, type Call, type Expr, type Fold, type List, type MapLiteral, type Select, type Struct } from '../syntax/ast'
import { compileError, type Fault } from '../syntax/errors'
import { lookUp, namedTypes, type Declarations, type Scope } from './scope'
import { assignable, dyn, errorType, isStruct, moreGeneral, optionalOf, sameType, substitute, typeText, unwrapOptional, type Mapping } from './types'
import { literalFaults } from './validators'

const bool: CelType = { sort: 'bool' }

/** Gives every node its type and every call its overloads. Throws `CelCompileError` with all that does not fit. */
export function check(expr: Expr, text: string, declarations: Declarations): void {
  const faults: Fault[] = []
  checkTree(expr, declarations, faults)
  if (faults.length === 0) faults.push(...literalFaults(expr))
  if (faults.length > 0) throw compileError(text, faults)
}

function checkTree(root: Expr, { scope: outermost, functions, objects }: Declarations, faults: Fault[]): void {
  let scope: Scope = outermost
  let mapping: Mapping = new Map()
  let variables = 0
  const report = (at: number, message: string): void => void faults.push({ at, message })
  const mismatch = (expr: Expr, expected: CelType, found: CelType): void => report(expr.at, `expected type '${typeText(expected)}' but found '${typeText(found)}'`)
  const newVariable = (): CelType => ({ sort: 'param', name: `_var${variables++}` })
  const resolved = (type: CelType): CelType => substitute(mapping, type, false)
  const fits = (from: CelType, to: CelType): boolean => {
    const found = assignable(mapping, [from], [to])
    if (found) mapping = found
    return found !== undefined
  }
  const undeclared = (expr: Expr, name: string): CelType => {
    report(expr.at, `undeclared reference to '${name}' (in container '')`)
    return (expr.type = errorType)
  }
  const typeNamed = (name: string): CelType | undefined => namedTypes.get(name) ?? objects(name)

  const visit = (expr: Expr): CelType => (expr.type = typeOf(expr))

  const typeOf = (expr: Expr): CelType => {
    switch (expr.kind) {
      case 'literal':
        return { sort: expr.of }
      case 'ident': {
        expr.name = expr.name.replace(/^\./, '')
        const found = lookUp(scope, expr.name)
        if (found) return found
        expr.names = typeNamed(expr.name)
        return expr.names ? { sort: 'type', of: expr.names } : undeclared(expr, expr.name)
      }
      case 'select':
        return ofSelect(expr)
      case 'call':
        return ofCall(expr)
      case 'list':
        return ofList(expr)
      case 'map':
        return ofMap(expr)
      case 'struct':
        return ofStruct(expr)
      default:
        return ofFold(expr)
    }
  }

  const ofSelect = (expr: Select): CelType => {
    const name = expr.test ? undefined : qualifiedName(expr)?.replace(/^\./, '')
    if (name !== undefined) {
      const found = lookUp(scope, name)
      if (found) {
        expr.variable = name
        return found
      }
      expr.names = typeNamed(name)
      if (expr.names) return { sort: 'type', of: expr.names }
    }
    const found = ofField(expr, expr.operand, expr.field, false)
    return expr.test ? bool : resolved(found)
  }

  const ofField = (expr: Expr, operand: Expr, field: string, optional: boolean): CelType => {
    const target = unwrapOptional(resolved(visit(operand)))
    const found = fieldOf(expr, target.type, field)
    return target.optional || optional ? optionalOf(found) : found
  }

  const fieldOf = (expr: Expr, type: CelType, field: string): CelType => {
    if (type.sort === 'map') return type.value
    if (type.sort === 'object') {
      const found = type.fields().get(field) ?? type.otherFields
      if (found) return found
      report(expr.at, `undefined field '${field}'`)
      return errorType
    }
    if (type.sort === 'param') fits(dyn, type)
    else if (isStruct(type)) {
      report(expr.at, `unexpected failed resolution of '${typeText(type)}'`)
      return errorType
    } else if (type.sort !== 'dyn' && type.sort !== 'error') report(expr.at, `type '${typeText(type)}' does not support field selection`)
    return dyn
  }

  const ofCall = (expr: Call): CelType => {
    if (expr.name === '_?._') {
      const [operand, field] = expr.args as [Expr, Expr]
      field.type = { sort: 'string' }
      return resolved(ofField(expr, operand, (field as { value: string }).value, true))
    }
    for (const arg of expr.args) visit(arg)
    if (!expr.target) {
      expr.name = expr.name.replace(/^\./, '')
      const declared = functions.get(expr.name)
      return declared ? resolve(expr, declared, expr.args) : undeclared(expr, expr.name)
    }
    const prefix = qualifiedName(expr.target)
    const global = prefix === undefined ? undefined : functions.get(`${prefix.replace(/^\./, '')}.${expr.name}`)
    if (global) {
      expr.name = global.name
      expr.target = undefined
      return resolve(expr, global, expr.args)
    }
    visit(expr.target)
    const declared = functions.get(expr.name)
    return declared ? resolve(expr, declared, [expr.target, ...expr.args]) : undeclared(expr, expr.name)
  }

  const resolve = (call: Call, { name, overloads }: FunctionDeclaration, args: readonly Expr[]): CelType => {
    const types = args.map((arg) => arg.type!)
    if (name === '_&&_' || name === '_||_') {
      call.overloads = overloads
      const wrong = args.filter((arg) => !fits(arg.type!, bool))
      for (const arg of wrong) mismatch(arg, bool, resolved(arg.type!))
      return wrong.length > 0 ? errorType : bool
    }
    const found: Overload[] = []
    let result: CelType | undefined
    for (const overload of overloads) {
      if (overload.member !== (call.target !== undefined)) continue
      const fresh: Mapping = new Map(overload.params.map((param) => [param, newVariable()]))
      const after = assignable(mapping, types, overload.args.map((arg) => substitute(fresh, arg, false)))
      if (!after) continue
      mapping = after
      found.push(overload)
      const type = resolved(substitute(fresh, overload.result, false))
      if (!result) result = type
      else if (result.sort !== 'dyn' && !sameType(type, result)) result = dyn
    }
    if (!result) {
      const shown = types.map((type) => typeText(substitute(mapping, type, true)))
      const signature = call.target ? `${shown[0]}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`
      report(call.at, `found no matching overload for '${name}' applied to '${signature}'`)
      return errorType
    }
    call.overloads = found
    // Joining to a set or a list with keys makes one.
    const first = types[0] && resolved(types[0])
    return name === '_+_' && first?.sort === 'list' && first.unordered !== undefined && result.sort === 'list' ? first : result
  }

  /** The type of the items so far with one more. What does not go together is told by `literalFaults`, which knows where it may. */
  const joined = (before: CelType | undefined, type: CelType): CelType => {
    if (!before) return type
    return fits(before, type) ? moreGeneral(before, type) : dyn
  }
  const unwrapped = (expr: Expr, type: CelType): CelType => {
    const inner = unwrapOptional(type)
    if (!inner.optional && inner.type.sort !== 'dyn') mismatch(expr, optionalOf(inner.type), inner.type)
    return inner.type
  }

  const ofList = (expr: List): CelType => {
    let item: CelType | undefined
    for (const [i, one] of expr.items.entries()) {
      const type = visit(one)
      item = joined(item, expr.optional.has(i) ? unwrapped(one, type) : type)
    }
    return { sort: 'list', item: item ?? newVariable() }
  }

  const ofMap = (expr: MapLiteral): CelType => {
    let [key, value]: (CelType | undefined)[] = []
    for (const entry of expr.entries) {
      key = joined(key, visit(entry.key))
      const type = visit(entry.value)
      value = joined(value, entry.optional ? unwrapped(entry.value, type) : type)
    }
    return { sort: 'map', key: key ?? newVariable(), value: value ?? newVariable() }
  }

  const ofStruct = (expr: Struct): CelType => {
    expr.name = expr.name.replace(/^\./, '')
    const object = objects(expr.name)
    if (!object) {
      const found = lookUp(scope, expr.name) ?? namedTypes.get(expr.name)
      if (!found) return undeclared(expr, expr.name)
      for (const { value } of expr.fields) visit(value)
      report(expr.at, lookUp(scope, expr.name) ? `'${typeText(found)}' is not a type` : `'${typeText(found)}' is not a message type`)
      return errorType
    }
    const fields = object.fields()
    for (const { name, value, at, optional } of expr.fields) {
      const found = visit(value)
      const type = optional ? unwrapped(value, found) : found
      const wanted = fields.get(name) ?? object.otherFields
      if (!wanted) report(at, `undefined field '${name}'`)
      else if (!fits(wanted, type)) report(at, `expected type of field '${name}' is '${typeText(wanted)}' but provided type is '${typeText(type)}'`)
    }
    return object
  }

  const ofFold = (expr: Fold): CelType => {
    const range = resolved(visit(expr.range))
    const accu = visit(expr.init)
    const outer = scope
    scope = { variables: new Map([[expr.accu, accu]]), outer }
    const [first, second] = iterated(expr, range)
    const inner = scope
    scope = { variables: new Map([[expr.iter, first], ...(expr.iter2 === undefined ? [] : [[expr.iter2, second] as const])]), outer: inner }
    visit(expr.condition)
    if (!fits(bool, expr.condition.type!)) mismatch(expr.condition, bool, expr.condition.type!)
    const step = visit(expr.step)
    if (!fits(accu, step)) mismatch(expr.step, accu, step)
    scope = inner
    const result = visit(expr.result)
    scope = outer
    return resolved(result)
  }

  const iterated = ({ range, iter2 }: Fold, type: CelType): [CelType, CelType] => {
    switch (type.sort) {
      case 'list':
        return iter2 === undefined ? [type.item, dyn] : [{ sort: 'int' }, type.item]
      case 'map':
        return [type.key, type.value]
      case 'dyn':
      case 'error':
      case 'param':
        fits(dyn, type)
        return [dyn, dyn]
      default:
        report(range.at, `expression of type '${typeText(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`)
        return [errorType, errorType]
    }
  }

  visit(root)
  if (faults.length === 0) walk(root, (expr) => void (expr.type = substitute(mapping, expr.type!, true)))
}
