import { ApiError, invalid } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import type { JsonObject } from '#apimachinery/apply/contract'
import type { Schema, Struct } from '#apimachinery/schema/schema'
import type { Kind, Kinds } from '../kinds'

/**
 * The patched object as a refusal shows it. The original patches text: what a patch went into comes out with its fields sorted, the
 * rest stands as its structs are written, managed fields among it. `patch` shares with what it is given what it does not touch.
 */
export function showPatched(schema: Struct, live: JsonObject, managedFields: string, patch: (whole: JsonObject) => unknown, custom = false): string {
  const metadata = { ...(live['metadata'] as JsonObject), ...(managedFields === '' ? {} : { managedFields: JSON.parse(managedFields) as unknown }) }
  const untouched = new Set<unknown>()
  const whole = asWritten(schema, { ...live, metadata }, untouched) as JsonObject
  // A custom resource has no struct that would be written in another order.
  return JSON.stringify(sortedWhere(patch(whole), custom ? new Set() : untouched))
}

/** A copy with fields in the order of the structs and maps sorted; its objects are added to `made`. */
function asWritten(schema: Schema | undefined, value: unknown, made: Set<unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => asWritten(schema?.type === 'list' ? schema.items : undefined, item, made))
  const object = value as Record<string, unknown>
  const copy: Record<string, unknown> = {}
  if (schema?.type === 'struct') {
    for (const [name, field] of schema.fields) if (object[name] !== undefined) copy[name] = asWritten(field.schema, object[name], made)
    for (const name in object) if (!(name in copy) && object[name] !== undefined) copy[name] = asWritten(undefined, object[name], made)
  } else {
    for (const name of Object.keys(object).sort()) copy[name] = asWritten(schema?.type === 'map' ? schema.values : undefined, object[name], made)
  }
  made.add(copy)
  return copy
}

function sortedWhere(value: unknown, untouched: ReadonlySet<unknown>): unknown {
  if (typeof value !== 'object' || value === null || untouched.has(value)) return value
  if (Array.isArray(value)) return value.map((item) => sortedWhere(item, untouched))
  const object = value as Record<string, unknown>
  return Object.fromEntries(Object.keys(object).sort().map((name) => [name, sortedWhere(object[name], untouched)]))
}

/** What was patched into no object of its kind. */
export function invalidPatch(error: unknown, shown: string): unknown {
  if (!(error instanceof ApiError) || error.code !== 400) return error
  const message = error.message.replace(/^\S+ in version "[^"]*" cannot be handled as a \S+: /, '')
  const text = `Invalid value: ${JSON.stringify(shown)}: ${message}`
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${text}`, { causes: [{ reason: 'FieldValueInvalid', message: text, field: 'patch' }] })
}

/** Of a custom resource its validation says it, before it says anything else. */
function anotherKind(patched: { readonly apiVersion?: unknown; readonly kind?: unknown; readonly metadata?: unknown }, kind: Kind): ApiError {
  const { apiVersion = kind.apiVersion, kind: name = kind.resource.kind, metadata } = patched
  const errors = new FieldErrors()
  if (name !== kind.resource.kind) errors.at('kind').invalid(name, `must be ${kind.resource.kind}`)
  if (apiVersion !== kind.apiVersion) errors.at('apiVersion').invalid(apiVersion, `must be ${kind.apiVersion}`)
  return invalid({ group: kind.group, kind: String(name) }, (metadata as { name?: string } | undefined)?.name ?? '', errors.all)
}

/** A patch may not make another kind of an object. Throws 400, in the words of the original's scheme. */
export function checkPatchedKind(patched: { readonly apiVersion?: unknown; readonly kind?: unknown }, kind: Kind, kinds: Kinds): void {
  const { apiVersion = kind.apiVersion, kind: name = kind.resource.kind } = patched
  if (apiVersion === kind.apiVersion && name === kind.resource.kind) return
  if (kind.resource.customResource) throw anotherKind(patched, kind)
  for (const other of kinds) {
    if (other.apiVersion !== apiVersion || other.resource.kind !== name || other.group !== kind.group) continue
    const internal = kind.group === '' ? 'core' : kind.group.split('.')[0]
    throw new ApiError(400, 'BadRequest', `converting (${other.version}.${other.resource.kind}) to (${internal}.${kind.resource.kind}): unknown conversion`)
  }
  throw new ApiError(400, 'BadRequest', `no kind ${JSON.stringify(name)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`)
}
