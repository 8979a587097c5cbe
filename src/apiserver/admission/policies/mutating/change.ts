import type { KubeObject } from '#apimachinery/object'
import type { Struct } from '#apimachinery/schema/schema'

/** An object in the version that the policy asks for, its schema there, and how it becomes the request's again. */
export interface Changed {
  /** May share parts with the request's object: not to be changed. */
  readonly before: KubeObject
  readonly schema: Struct
  /** Prunes and defaults in the version of `before`, then converts. `value` is ours. `unknown` hears of fields that the schema has not. */
  restore(value: KubeObject, unknown?: (path: string) => void): Promise<KubeObject>
}

/**
 * What an expression's value makes of an object. Throws `MutationFault` where it does not apply, `ApiError` where the failure policy has
 * no say.
 */
export type Change = (value: unknown, object: Changed) => KubeObject | Promise<KubeObject>
