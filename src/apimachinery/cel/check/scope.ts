import type { CelObjectType, CelType } from '../contract'
import type { FunctionDeclaration } from '../library/overload'

/** What names stand for: the variables of an environment, then those of the folds around an expression. */
export interface Scope {
  readonly variables: ReadonlyMap<string, CelType>
  readonly outer: Scope | undefined
}

export interface Declarations {
  readonly scope: Scope
  readonly functions: ReadonlyMap<string, FunctionDeclaration>
  /** Object types that expressions may name, to make values of them. */
  readonly objects: ObjectTypes
}

export type ObjectTypes = (name: string) => CelObjectType | undefined

export function lookUp(scope: Scope | undefined, name: string): CelType | undefined {
  for (; scope; scope = scope.outer) {
    const found = scope.variables.get(name)
    if (found) return found
  }
  return undefined
}

const dyn: CelType = { sort: 'dyn' }
const any = (name: string): CelType => ({ sort: 'param', name })

/** Types that have names in the language. */
export const namedTypes: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['bool', { sort: 'bool' }], ['bytes', { sort: 'bytes' }], ['double', { sort: 'double' }], ['int', { sort: 'int' }], ['uint', { sort: 'uint' }],
  ['string', { sort: 'string' }], ['null_type', { sort: 'null' }], ['list', { sort: 'list', item: any('A') }], ['map', { sort: 'map', key: any('A'), value: any('B') }],
  ['type', { sort: 'type' }], ['google.protobuf.Duration', { sort: 'duration' }], ['google.protobuf.Timestamp', { sort: 'timestamp' }],
  ['optional_type', { sort: 'optional', value: dyn }], ['net.IP', { sort: 'opaque', name: 'net.IP' }], ['net.CIDR', { sort: 'opaque', name: 'net.CIDR' }],
])
