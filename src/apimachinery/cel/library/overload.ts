import type { CelType } from '../contract'
import { isDouble, isInt, isMap, mapGet, mapKeys, Duration, Opaque, Optional, Timestamp, TypeValue, Uint } from '../runtime/values'

/** One way to call a function: its types for the checker, and what it does. */
export interface Overload {
  readonly id: string
  /** Whether it is called as `a.f(b)`; `a` is the first argument then. */
  readonly member: boolean
  readonly args: readonly CelType[]
  readonly result: CelType
  readonly params: readonly string[]
  readonly call: (...args: never[]) => unknown
  /** Whether `call` looks at the types of its arguments itself; otherwise it is called with what `args` says, and nothing else. */
  readonly dynamic: boolean
}

export interface FunctionDeclaration {
  readonly name: string
  readonly overloads: readonly Overload[]
}

type Call = (...args: never[]) => unknown

/** Overloads by their ids, which the original's tables of costs know them by: `[signature, what it does]`. */
export const each = (name: string, overloads: Readonly<Record<string, readonly [signature: string, call: Call]>>): FunctionDeclaration => ({
  name, overloads: Object.entries(overloads).map(([id, [signature, call]]) => overloadOf(id, signature, call, false)),
})

/** Overloads that are done by one function, which looks at what it gets. */
export const shared = (name: string, call: Call, overloads: Readonly<Record<string, string>>): FunctionDeclaration => ({
  name, overloads: Object.entries(overloads).map(([id, signature]) => overloadOf(id, signature, call, true)),
})

/** `string.(int) -> string` of a member, `(A, list(A)) -> bool` of a function; single capitals stand for any type. */
function overloadOf(id: string, signature: string, call: Call, dynamic: boolean): Overload {
  const [, target, args, result] = /^(.*?)\.?\((.*)\) -> (.*)$/.exec(targetApart(signature))!
  const types = [...(target ? [target] : []), ...listed(args!)].map(typeOf)
  return { id, member: Boolean(target), args: types, result: typeOf(result!), params: [...new Set(signature.match(/\b[A-Z]\b/g))], call, dynamic }
}

/** The target may have brackets of its own: `list(A).(A) -> int`. */
function targetApart(signature: string): string {
  const at = signature.indexOf(').(')
  return at < 0 ? signature : signature.slice(0, at + 1).replaceAll('(', '<').replaceAll(')', '>') + signature.slice(at + 1)
}

function listed(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '(' || text[i] === '<') depth++
    else if (text[i] === ')' || text[i] === '>') depth--
    else if (depth === 0 && (text[i] === ',' || i === text.length)) {
      if (i > start) found.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return found
}

const simple = new Set(['dyn', 'null', 'bool', 'int', 'uint', 'double', 'string', 'bytes', 'duration', 'timestamp', 'type'])

function typeOf(text: string): CelType {
  if (simple.has(text)) return { sort: text as 'dyn' }
  if (/^[A-Z]$/.test(text)) return { sort: 'param', name: text }
  const [, name, inner] = /^(\w+)[(<](.*)[)>]$/.exec(text) ?? []
  if (name === undefined) return { sort: 'opaque', name: text }
  const [first, second] = listed(inner!).map(typeOf) as [CelType, CelType | undefined]
  switch (name) {
    case 'list':
      return { sort: 'list', item: first }
    case 'map':
      return { sort: 'map', key: first, value: second! }
    case 'type':
      return { sort: 'type', of: first }
    default:
      return { sort: 'optional', value: first }
  }
}

/** Whether a value is of a type as far as one can see at once: of lists and maps, the first that they hold. */
export function isOf(value: unknown, type: CelType): boolean {
  switch (type.sort) {
    case 'null':
      return value === null
    case 'bool':
      return typeof value === 'boolean'
    case 'int':
      return isInt(value)
    case 'uint':
      return value instanceof Uint
    case 'double':
      return isDouble(value)
    case 'string':
      return typeof value === 'string'
    case 'bytes':
      return value instanceof Uint8Array
    case 'duration':
      return value instanceof Duration
    case 'timestamp':
      return value instanceof Timestamp
    case 'type':
      return value instanceof TypeValue
    case 'list':
      return Array.isArray(value) && (value.length === 0 || isOf(value[0], type.item))
    case 'map':
      if (!isMap(value)) return false
      for (const key of mapKeys(value)) return isOf(key, type.key) && isOf(mapGet(value, key), type.value)
      return true
    case 'optional':
      return value instanceof Optional
    case 'opaque':
      return value instanceof Opaque && value.typeName === type.name
    default:
      return true
  }
}
