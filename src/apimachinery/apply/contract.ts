import type { Struct } from '../schema/schema'

/** A decoded JSON object. What is passed in may be frozen and is never changed; results may share parts of it. */
export type JsonObject = { readonly [field: string]: unknown }

/**
 * The JSON text of `metadata.managedFields`, an array; `''` when an object has none. The server keeps it beside the parsed
 * object, which carries no managedFields itself, and splices it in when it writes the object.
 */
export type ManagedFieldsText = string

/** Who writes, through which endpoint, and when. */
export interface FieldWriter {
  /** `managerName(fieldManager, userAgent)`; empty reads `unknown`. */
  readonly manager: string
  /** The version that the request and the objects passed along with it are in: `apps/v1`. */
  readonly apiVersion: string
  /** The schema of that version. */
  readonly schema: Struct
  /** Absent on the main resource. */
  readonly subresource?: string
  /** RFC 3339 with whole seconds. */
  readonly time: string
  /** Paths that this endpoint's writers never own, everything below included: `[['status']]`. */
  readonly resetFields?: readonly (readonly string[])[]
  /** When given, only what lies below these paths is ever owned; `*` stands for any item: `[['spec', 'containers', '*', 'resources']]`. */
  readonly onlyFields?: readonly (readonly string[])[]
  /**
   * How an object (its own `apiVersion` says which form it is in) reads in another served version; `undefined` when that one
   * is no longer served, whereupon entries written in it are dropped. Only for kinds with several versions.
   */
  readonly convert?: (object: JsonObject, apiVersion: string) => { readonly object: JsonObject; readonly schema: Struct } | undefined
}

/** An applied configuration's writer. */
export interface Applier extends FieldWriter {
  readonly kind: string
  /** Take fields that others own. */
  readonly force: boolean
}

export interface Applied {
  /** The merged object, not yet decoded (pruned, defaulted) again; the live one itself when nothing changed. */
  readonly object: JsonObject
  readonly managedFields: ManagedFieldsText
  /** False when the object stays as it is; its managed fields may differ all the same. */
  readonly changed: boolean
}

/**
 * The entries of a new object, in one walk. `given` is what the client sent as `metadata.managedFields`, `undefined` when
 * it sent none; entries that cannot be read count as none.
 */
export type CreateManagedFields = (object: JsonObject, writer: FieldWriter, given?: unknown) => ManagedFieldsText

/**
 * The entries after a PUT or a patch: who wrote a field last owns it. `live` and `updated` are complete objects without
 * managedFields; parts that are the same object in both are not looked at. `given` is what the client wrote as
 * `metadata.managedFields` (in a PUT's body, or with a patch that touches it), `undefined` when it did not: `[]` and
 * `[{}]` drop all entries. An object without entries stays without.
 */
export type UpdateManagedFields = (
  live: JsonObject, managedFields: ManagedFieldsText, updated: JsonObject, writer: FieldWriter, given?: unknown,
) => ManagedFieldsText

/**
 * Server-side apply of `config` (as the client sent it) to `live` (`undefined`: there is none yet).
 * Throws `ApiError`: 400 for another kind or managedFields in the config, 409 with a cause for each field that others own,
 * 500 as the original does where the config does not fit the schema.
 */
export type ApplyPatch = (live: JsonObject | undefined, managedFields: ManagedFieldsText, config: JsonObject, applier: Applier) => Applied

/**
 * True when two texts differ in times only. An update that changes nothing else of the object either is not written:
 * answer with the live object.
 */
export type SameButTimes = (before: ManagedFieldsText, after: ManagedFieldsText) => boolean
