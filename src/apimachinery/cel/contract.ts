/**
 * Types as expressions see them. `fields` is asked when the checker first needs it, since schemas refer to themselves.
 * `max` is the most that a value can be long (items, entries, characters, bytes): what the estimate of costs multiplies with.
 */
export type CelType =
  | { readonly sort: 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'duration' | 'timestamp'; readonly max?: number }
  /** `any` is what messages call values that may be of any type, `dyn` those of which nothing is known: they are used alike. */
  | { readonly sort: 'dyn'; readonly max?: number; readonly any?: true }
  | { readonly sort: 'type'; readonly of?: CelType }
  | CelListType
  | { readonly sort: 'map'; readonly key: CelType; readonly value: CelType; readonly max?: number }
  | { readonly sort: 'optional'; readonly value: CelType }
  | CelObjectType
  /** Of a library: `kubernetes.Quantity`, `net.IP`, `kubernetes.authorization.Authorizer`. */
  | { readonly sort: 'opaque'; readonly name: string }
  /** In declarations of functions, and while the checker looks for what a type is. */
  | { readonly sort: 'param'; readonly name: string }
  | { readonly sort: 'error' }

export interface CelListType {
  readonly sort: 'list'
  readonly item: CelType
  readonly max?: number
  /** How two such lists are compared and joined: by their values, or by the keys of their items; undefined: by their places. */
  readonly unordered?: 'set' | readonly string[]
}

export interface CelObjectType {
  readonly sort: 'object'
  readonly name: string
  fields(): ReadonlyMap<string, CelType>
  /** The type of fields that `fields` does not name; undefined: there are no others. */
  readonly otherFields?: CelType
  /** The name in JSON of a field that expressions write otherwise (`x__dash__y`); undefined: all are written as they are. */
  jsonName?(field: string): string
  /** Makes a value of `Name{field: value}`; undefined where expressions may not make such values. */
  make?(fields: Record<string, unknown>): unknown
}

/** What expressions may name. One environment serves many expressions: it is made once a use (rules, policies, match conditions). */
export interface CelEnvironment {
  /**
   * Compiles once (the same text again is the same program), evaluates often. Throws `CelCompileError` with cel-go's words:
   * `ERROR: <input>:1:6: undeclared reference to 'x' ...`. With `expect`, programs of other types are refused too, as Kubernetes does.
   */
  compile(expression: string, expect?: readonly CelType[]): CelProgram
  /** The same with more variables, sharing all else. */
  extend(variables: Readonly<Record<string, CelType>>): CelEnvironment
}

export interface CelProgram {
  readonly type: CelType
  /** The names of the variables that the expression reads. */
  readonly reads: ReadonlySet<string>
  /** The most that one evaluation can cost by cel-go's estimate, with the limits that the types know; at most 2^64. */
  readonly worstCost: number
  /**
   * `variables` by name: plain JSON as it rests in the API (frozen is fine, nothing is copied), or values of the libraries;
   * functions are called when, and only when, the expression reads them, each time it does. Takes what it cost from the budget.
   * Throws `CelError`; when one call costs too much, or the budget is used up, its text is that of the original and its
   * `reason` says so.
   */
  evaluate(variables: Readonly<Record<string, unknown>>, budget: CelBudget): unknown
}

/** Cost units that are left; shared by all expressions of one request. */
export interface CelBudget {
  left: number
}
