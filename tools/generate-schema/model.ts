/** What a `types.ts` says, before it is written as a table. */
export interface TypesFile {
  /** The folder within `src/api` or `src/apimachinery`: `core/v1`. */
  readonly origin: string
  /** For messages: `src/api/core/v1/types.ts`. */
  readonly path: string
  /** Other tables that are referred to, in the order of their numbers in the table. */
  readonly imports: readonly { readonly origin: string; readonly specifier: string }[]
  readonly structs: readonly StructModel[]
}

export interface StructModel {
  readonly name: string
  readonly atomic: boolean
  readonly fields: readonly FieldModel[]
}

export interface FieldModel {
  readonly name: string
  /** In the notation of `src/apimachinery/schema/table.ts`. */
  readonly type: string
  readonly tags: Tags
}

export interface Tags {
  readonly proto?: string
  readonly required?: boolean
  readonly always?: 'zero' | 'null'
  readonly pointer?: boolean
  /** Already parsed. */
  readonly default?: unknown
  readonly merge?: string | true
  readonly retainKeys?: boolean
  readonly atomic?: boolean
  readonly granular?: boolean
}
