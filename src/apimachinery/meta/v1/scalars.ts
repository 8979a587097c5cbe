// Names for what JSON calls string and number, and for what lists mean to a merge. The generator reads these names.

/** A whole number within 32 bits. */
export type Int32 = number
/** A whole number within 64 bits; JSON carries it as a number, exact up to 2^53. */
export type Int64 = number
export type Float64 = number
/** RFC 3339 in UTC with whole seconds: `2026-11-01T10:00:00Z`. */
export type Time = string
/** RFC 3339 in UTC with six decimals: `2026-11-01T10:00:00.000000Z`. */
export type MicroTime = string
/** base64 (standard alphabet, padded). */
export type Bytes = string
/** A decimal with a suffix: `100m`, `1.5Gi`, `1e3`. */
export type Quantity = string
/** A number, or a string such as `http` or `25%`. */
export type IntOrString = number | string
/** Any JSON value, kept as it came. */
export type Json = unknown
/** Any JSON object, kept as it came: an object of a kind that the schema does not know. */
export type RawExtension = Record<string, unknown>
/** The set of fields that a manager owns: `{"f:metadata":{"f:labels":{"f:app":{}}}}`. */
export type FieldsV1 = Record<string, unknown>

/** A list whose items are told apart by `Keys`: appliers own single items. */
export type ListMap<T, _Keys extends string> = T[]
/** A list of scalars without duplicates: appliers own single items. */
export type ListSet<T> = T[]
