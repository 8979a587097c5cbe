/**
 * The shape of a value. The tables that `tools/generate-schema` makes of `types.ts` and the compiled form of a
 * CustomResourceDefinition are both this, so pruning, defaulting, merges, apply and the codecs exist once.
 */
export type Schema = Scalar | Struct | MapOf | ListOf | Untyped

export type ScalarKind = 'string' | 'boolean' | 'int32' | 'int64' | 'double' | 'bytes' | 'time' | 'microTime' | 'quantity' | 'intOrString'

export interface Scalar {
  readonly type: ScalarKind
}

/** An object with known fields. */
export interface Struct {
  readonly type: 'struct'
  /** The type's name within its group and version: `PodSpec`. */
  readonly name: string
  /** By JSON name, in the order in which the server writes them. */
  readonly fields: ReadonlyMap<string, Field>
  /** Merged and owned as a whole. */
  readonly atomic: boolean
  /** Unknown fields stay (`x-kubernetes-preserve-unknown-fields`). */
  readonly preserveUnknown: boolean
  /** The group's folder and version of a built-in type (`core/v1`): OpenAPI and error texts name it. */
  readonly origin?: string
  /** The same struct under its own rule of ownership, where the field that refers here says another one. */
  readonly base?: Struct
}

export interface Field {
  readonly name: string
  /** Resolved when first read: types refer to each other in circles. */
  readonly schema: Schema
  /** Protobuf field numbers from the message inwards: `[2]`, or `[2, 1]` when the field sits in an embedded message. */
  readonly proto: readonly number[]
  /** OpenAPI lists it under `required`. */
  readonly required: boolean
  /**
   * What a zero value (`""`, `0`, `false`, `[]`, `{}` of a map) turns into: `drop` as Go's omitempty does, `keep` when the
   * field is a pointer, `always` when it is written even where the client left it out (as `empty`).
   */
  readonly zero: 'drop' | 'keep' | 'always'
  readonly empty?: unknown
  /** A constant that stands in for an absent value. */
  readonly default?: unknown
  /** null is a value of its own: it is kept, and no default takes its place. Only custom resources have such fields. */
  readonly nullable?: boolean
  /** Strategic merge patch: lists merge by this key (`true`: a list of scalars that merges); absent lists are replaced. */
  readonly mergeKey?: string | true
  /** Strategic merge patch: siblings that a patch does not name are dropped (unions such as DeploymentStrategy). */
  readonly retainKeys: boolean
}

export interface MapOf {
  readonly type: 'map'
  readonly values: Schema
  readonly atomic: boolean
  /** `granular` was said of the map, which is what maps are anyway. OpenAPI shows the difference. */
  readonly stated?: boolean
}

export interface ListOf {
  readonly type: 'list'
  readonly items: Schema
  /** Who owns what: the whole list (`atomic`), single scalars (`set`), or items told apart by `keys` (`map`). */
  readonly listType: 'atomic' | 'set' | 'map'
  readonly keys: readonly string[]
  /** `atomic` was said of the list; without it, it is what lists are when nothing is said. OpenAPI shows the difference. */
  readonly stated?: boolean
}

/** Any JSON, kept as it came and owned as a whole. */
export interface Untyped {
  readonly type: 'untyped'
  /** Owned by what it turns out to be: of a map, the entries one by one. Only custom resources have such values. */
  readonly deduced?: boolean
  /** One of these by its JSON type, pruned accordingly, but still owned as a whole: `JSONSchemaProps | JSONSchemaProps[]`. */
  readonly either?: readonly Schema[]
  /** What OpenAPI calls it, where that is not just any JSON. */
  readonly name?: 'RawExtension' | 'FieldsV1'
}
