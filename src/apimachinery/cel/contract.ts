import type { JsonSchema } from '../schema/json-schema'

/**
 * Types as expressions see them. `fields` is asked when the checker first needs it, since schemas refer to themselves;
 * `open` objects (embedded resources, preserved unknown fields) answer `dyn` for fields that they do not name.
 */
export type CelType =
  | { readonly sort: 'dyn' | 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'duration' | 'timestamp' | 'type' }
  | { readonly sort: 'list'; readonly item: CelType; readonly max?: number }
  | { readonly sort: 'map'; readonly key: CelType; readonly value: CelType; readonly max?: number }
  | { readonly sort: 'optional'; readonly value: CelType }
  | { readonly sort: 'object'; readonly name: string; fields(): ReadonlyMap<string, CelType>; readonly open?: boolean }
  /** Of a library: `kubernetes.Quantity`, `net.IP`, `kubernetes.authorization.Authorizer`. */
  | { readonly sort: 'opaque'; readonly name: string }

/** What expressions may name. One environment serves many expressions: it is made once a use (rules, policies, match conditions). */
export interface CelEnvironment {
  /** Compiles once, evaluates often. Throws `CelCompileError` with cel-go's words: `ERROR: <input>:1:6: undeclared reference to 'x' ...`. */
  compile(expression: string, expect?: readonly CelType[]): CelProgram
  /** The same with more variables, sharing all else. */
  extend(variables: Readonly<Record<string, CelType>>): CelEnvironment
}

export interface CelProgram {
  readonly type: CelType
  /** The most that one evaluation can cost by cel-go's estimate, with the limits that the types know. */
  readonly worstCost: number
  /**
   * `variables` by name: plain JSON as it rests in the API (frozen is fine, nothing is copied), or values of the libraries;
   * functions are called when, and only when, the expression reads them. Throws `CelError`; when the budget is used up its
   * text is that of the original.
   */
  evaluate(variables: Readonly<Record<string, unknown>>, budget: CelBudget): unknown
}

/** Cost units that are left; shared by all expressions of one request. */
export interface CelBudget {
  left: number
}

/** The types of an OpenAPI or structural schema: what `self`, `object` and `params` are. */
export type TypeOfSchema = (schema: JsonSchema) => CelType
