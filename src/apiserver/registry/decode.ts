import { badRequest, invalid } from '#apimachinery/api-error'
import { cannotBeHandled, noProblems, strictDecodingError, type StrictProblems, unknownField } from '#apimachinery/codec/codec'
import type { JsonObject } from '#apimachinery/apply/contract'
import { FieldErrors } from '#apimachinery/field-errors'
import type { KubeObject } from '#apimachinery/object'
import { applyDefaults, normalize } from '#apimachinery/schema/normalize'
import type { Struct } from '#apimachinery/schema/schema'
import { schemaOf, type Kind } from '../kinds'
import { convertTo, loadVersions, storageOf, storageSchema } from './convert'
import type { WriteRequest } from './write'

/** A client's object in the storage version's form: pruned, defaulted, ours. */
export interface Decoded {
  readonly object: KubeObject
  /** What the client sent as `metadata.managedFields`. */
  readonly managedFields: unknown
  /** The same object in the version that the client sent. */
  asSent(): JsonObject
}

/**
 * `value` is ours and is changed in place; where it shares parts with what it was `before`, those are frozen and normal, and its own
 * are the object and its metadata at least. Throws 400 for what is no object of this kind.
 */
export async function decode(
  value: unknown, request: WriteRequest, kind: Kind = request.kind, problems: StrictProblems = noProblems, before?: JsonObject,
): Promise<Decoded> {
  const object = asObject(value, kind)
  const schema = kind.schema ?? (await schemaOf(kind))
  const managedFields = object.metadata.managedFields
  delete object.metadata.managedFields
  normalizeFor(request, schema, object, kind, problems, before)
  const { toStorage } = kind.served
  if (!toStorage) {
    kind.resource.defaults?.(object as never)
    return { object, managedFields, asSent: () => object as unknown as JsonObject }
  }
  const stored = toStorage(object)
  await loadVersions(kind)
  redefault(kind, stored)
  return { object: stored, managedFields, asSent: () => convertTo(storageOf(kind), stored as unknown as JsonObject, kind.apiVersion)!.object }
}

/** Prunes, canonicalizes and defaults by schema; unknown fields are refused, warned about or dropped, as was asked. */
function normalizeFor(request: WriteRequest, schema: Struct, object: object, kind: Kind, problems: StrictProblems, before: JsonObject | undefined): void {
  const unknown: string[] = []
  const tell = request.fieldValidation === 'Ignore' ? undefined : (path: string): void => void unknown.push(path)
  try {
    if (kind.served.decode) kind.served.decode(schema, object, tell)
    else normalize(schema, object, { defaults: true, ...(tell ? { unknown: tell } : undefined), ...(before ? { before } : undefined) })
  } catch (error) {
    throw cannotBeHandled(error, kind.resource.kind, kind.version)
  }
  if (unknown.length > 0 || problems.texts.length > 0) tellProblems(request, kind, inOrder(problems, unknown, kind))
}

/** Go's decoder finds both as it reads; custom resources are read first and pruned after. */
function inOrder(problems: StrictProblems, unknown: readonly string[], { resource }: Kind): readonly string[] {
  if (problems.withUnknown && !resource.customResource) return problems.withUnknown(unknown)
  return [...problems.texts, ...unknown.map(unknownField)]
}

/** Unknown and duplicate fields: refused, warned about or let go, as was asked. */
export function tellProblems({ fieldValidation, warn }: WriteRequest, kind: Kind, problems: readonly string[]): void {
  if (fieldValidation === 'Strict') throw strictDecodingError(problems, kind.resource.kind, kind.version)
  if (fieldValidation === 'Warn') for (const text of problems) warn(text)
}

/** Defaults of the storage version, after a step that may have changed the object. Parts of `before`, which have theirs, are left alone. */
export function redefault(kind: Kind, object: KubeObject, before?: KubeObject): void {
  const schema = storageSchema(kind)
  if (schema) applyDefaults(schema, object, before)
  kind.resource.defaults?.(object as never)
}

function asObject(value: unknown, kind: Kind): KubeObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.resource.kind})`)
  }
  const object = value as KubeObject
  if (!kind.resource.customResource) object.apiVersion ||= kind.apiVersion
  object.kind ||= kind.resource.kind
  if (object.apiVersion !== kind.apiVersion) {
    throw badRequest(`the API version in the data (${object.apiVersion ?? ''}) does not match the expected API version (${kind.apiVersion})`)
  }
  if (object.kind !== kind.resource.kind && kind.resource.customResource) {
    const errors = new FieldErrors()
    errors.at('kind').invalid(object.kind, `must be ${kind.resource.kind}`)
    throw invalid({ group: kind.group, kind: object.kind }, object.metadata?.name ?? '', errors.all)
  }
  if (object.kind !== kind.resource.kind) {
    throw badRequest(`${object.kind} in version "${kind.version}" cannot be handled as a ${kind.resource.kind}: no kind "${object.kind}" is registered for version "${kind.apiVersion}"`)
  }
  object.metadata ??= {} as KubeObject['metadata']
  return object
}
