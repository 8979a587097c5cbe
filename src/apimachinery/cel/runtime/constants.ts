import { equal } from './compare'
import { compileCall } from './calls'
import { namedTypes } from '../check/scope'
import type { CelType } from '../contract'
import type { Call, Expr, Literal } from '../syntax/ast'
import { double, int, mapKey, TypeValue, Uint } from './values'

/** What does not depend on variables is worked out once, and costs nothing when it is evaluated: so does the original. */
export interface Constant {
  readonly value: unknown
}

const conversions = new Set(['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint'])

/** Throws `CelError` where the expression can only fail. */
export function constantOf(expr: Expr): Constant | undefined {
  switch (expr.kind) {
    case 'literal':
      return { value: literalValue(expr) }
    case 'ident':
    case 'select':
      return expr.names && { value: typeValue(expr.names) }
    case 'list': {
      if (expr.optional.size > 0) return undefined
      const items = expr.items.map(constantOf)
      return items.every((item) => item !== undefined) ? { value: Object.freeze(items.map(({ value }) => value)) } : undefined
    }
    case 'map': {
      const entries = expr.entries.map(({ key, value, optional }) => (optional ? undefined : [constantOf(key), constantOf(value)] as const))
      const map = new Map<unknown, [unknown, unknown]>()
      for (const entry of entries) {
        if (!entry?.[0] || !entry[1]) return undefined
        map.set(mapKey(entry[0].value), [entry[0].value, entry[1].value])
      }
      return { value: map }
    }
    case 'call':
      return converted(expr)
    default:
      return undefined
  }
}

function converted(expr: Call): Constant | undefined {
  if (expr.target || expr.args.length !== 1 || !conversions.has(expr.name)) return undefined
  const argument = constantOf(expr.args[0]!)
  return argument && { value: compileCall(expr, [() => argument.value])(nothing) }
}

const nothing = { cost: 0, limit: Infinity, charge: () => undefined } as unknown as Parameters<ReturnType<typeof compileCall>>[0]

export function literalValue({ of, value }: Literal): unknown {
  switch (of) {
    case 'int':
      return int(value as bigint)
    case 'uint':
      return new Uint(value as bigint)
    case 'double':
      return double(value as number)
    default:
      return value
  }
}

const types = new Map([...namedTypes].map(([name, type]) => [type.sort === 'opaque' ? type.name : type.sort, new TypeValue(name, type)]))

export function typeValue(type: CelType): TypeValue {
  const name = 'name' in type ? type.name : type.sort
  let found = types.get(name)
  if (!found) types.set(name, (found = new TypeValue(name, type)))
  return found
}

/** Whether something is among constants can be looked up where they are all simple; undefined where they are not. */
export function membership(list: readonly unknown[]): ((value: unknown) => boolean) | undefined {
  const set = new Set<unknown>()
  for (const item of list) {
    const key = mapKey(item)
    if (key === undefined) return item !== null && typeof item === 'number' ? (value) => list.some((one) => equal(one, value)) : undefined
    set.add(key)
  }
  return (value) => set.has(mapKey(value))
}
