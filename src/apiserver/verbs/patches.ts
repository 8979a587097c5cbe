import { ApiError, badRequest, invalid } from '#apimachinery/api-error'
import { applyPatch } from '#apimachinery/apply/apply'
import type { FieldWriter, JsonObject } from '#apimachinery/apply/contract'
import { noProblems } from '#apimachinery/codec/codec'
import { updateManagedFields } from '#apimachinery/apply/update'
import { FieldErrors } from '#apimachinery/field-errors'
import type { KubeObject } from '#apimachinery/object'
import { applyJsonPatch } from '#apimachinery/patch/json-patch'
import { applyMergePatch } from '#apimachinery/patch/merge-patch'
import { goJsonKind, goValue } from '#apimachinery/patch/go-format'
import { applyStrategicMergePatch } from '#apimachinery/patch/strategic-merge-patch'
import type { Struct } from '#apimachinery/schema/schema'
import type { Exchange, Result } from '../exchange'
import { schemaOf, type Kind } from '../kinds'
import { convertTo, loadVersions, storageOf } from '../registry/convert'
import { reckonManagers, reckonOrDrop } from '../registry/reckon-managers'
import { decode, tellProblems, type Decoded } from '../registry/decode'
import { writerOf } from '../registry/managers'
import { ownUpper, type Own } from '../registry/own'
import type { Registry } from '../registry/registry'
import { update, type Change, type Live } from '../registry/update'
import type { WriteRequest } from '../registry/write'
import { mediaType, unsupported } from './body'
import { readPatch } from './patch-body'
import { checkPatchedKind, invalidPatch, showPatched } from './shown-patch'
import { writeRequest } from './write-request'

const applyType = 'application/apply-patch+yaml'
const jsonType = 'application/json-patch+json'
const mergeType = 'application/merge-patch+json'
const strategicType = 'application/strategic-merge-patch+json'

const patchTypes = new Set([applyType, jsonType, mergeType, strategicType])

export async function servePatch(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const type = mediaType(exchange)
  const builtIn = hasStrategicMerge(kind)
  const known = [jsonType, mergeType, ...(builtIn ? [strategicType] : []), applyType]
  // The router knows what built-in kinds take at all; custom resources have none.
  if (builtIn && !patchTypes.has(type)) throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
  if (!known.includes(type)) throw unsupported(known)
  const request = writeRequest(exchange, kind, registry, 'patch')
  checkOptions(exchange, type)
  const schema = await schemaOf(kind)
  if (!kind.isStorage || Object.keys(kind.resource.versions).length > 1) await loadVersions(kind)
  const problems: string[] = []
  const patch = await readPatch(exchange, type, (text) => problems.push(text))
  if (problems.length > 0) tellProblems(request, kind, problems)
  const transform = type === applyType ? applying(exchange, request, schema, patch) : patching(registry, request, schema, type, patch)
  const mayCreate = type === applyType && request.subresource === '' && kind.resource.verbs.includes('create')
  const written = await update(registry, request, transform, { mayCreate })
  return { sort: 'entry', code: written.created ? 201 : 200, kind, entry: written.entry }
}

/** Custom resources have no merge keys: only what was compiled from `types.ts` can be merged strategically. */
const hasStrategicMerge = ({ resource }: Kind): boolean => !resource.customResource

function checkOptions({ info: { query } }: Exchange, type: string): void {
  const errors = new FieldErrors()
  if (type === applyType) {
    if (!query.get('fieldManager')) errors.at('fieldManager').required('is required for apply patch')
  } else if (query.has('force')) errors.at('force').forbidden('may not be specified for non-apply patch')
  if (errors.any) throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', errors.all)
}

/** The live object in the version that the request speaks, frozen. */
function liveIn(kind: Kind, live: Live): JsonObject {
  const object = live.object as unknown as JsonObject
  return kind.isStorage ? object : convertTo(storageOf(kind), object, kind.apiVersion)!.object
}

function patching({ kinds, log }: Pick<Registry, 'kinds' | 'log'>, request: WriteRequest, schema: Struct, type: string, patch: unknown) {
  const touchesManagers = mayTouchManagers(patch)
  const decodePatched = async (patched: KubeObject, before: JsonObject | undefined, own: Own): Promise<Decoded> => {
    checkPatchedKind(patched, request.kind, kinds)
    return before ? decode(ownUpper(patched, own), request, request.kind, noProblems, before) : decode(patched, request)
  }
  return async (live: Live | undefined): Promise<Change> => {
    const { kind } = request
    const before = liveIn(kind, live!)
    const shares = live!.own !== 'all' && kind.isStorage && !kind.served.toStorage
    // Patches share what they do not touch: where that may not be, with a copy that is ours, so that it can be changed in place.
    const own = shares ? before : kind.isStorage ? (live!.copy() as unknown as JsonObject) : (owned(before) as JsonObject)
    const base = touchesManagers && live!.managedFields !== '' ? withManagers(own, live!.managedFields) : own
    const merged = patchWith(type, base, owned(patch), schema) as KubeObject
    const patched = type === strategicType ? ofKind(merged, before) : merged
    const { resourceVersion } = patched.metadata ?? {}
    const decoded = await decodePatched(patched, shares ? before : undefined, live!.own).catch((error: unknown) => {
      // Of a strategic patch what was sent is shown; decoding has changed what was patched in place by then.
      throw invalidPatch(error, type === strategicType ? goValue(patch) : showPatched(schema, before, live!.managedFields, (whole) => patchWith(type, whole, owned(patch), schema), kind.resource.customResource !== undefined))
    })
    const given = touchesManagers ? decoded.managedFields : undefined
    const reckon = (writer: FieldWriter): string => updateManagedFields(before, live!.managedFields, decoded.asSent(), writer, given)
    const managedFields = kind.resource.customResource?.conversion ? await reckonOrDrop(request, schema, log, reckon) : reckon(writerOf(request, schema))
    checkName(decoded.object, request)
    return { object: decoded.object, managedFields, revision: resourceVersion }
  }
}

/** Whether a patch may say something about managed fields: a list of operations may do so in many ways, an object in its metadata alone. */
function mayTouchManagers(patch: unknown): boolean {
  if (Array.isArray(patch)) return JSON.stringify(patch).includes('managedFields')
  const metadata = (patch as Partial<KubeObject> | null)?.metadata
  for (const field in metadata) if (field.includes('managedFields')) return true
  return false
}

/** A strategic patch is merged into an object whose kind is known: what it says of that goes unheard. */
function ofKind(merged: KubeObject, before: JsonObject): KubeObject {
  const { apiVersion, kind } = before as unknown as KubeObject
  return merged.kind === kind && merged.apiVersion === apiVersion ? merged : { ...merged, apiVersion, kind }
}

function applying(exchange: Exchange, request: WriteRequest, schema: Struct, config: unknown) {
  if (config === null) throw badRequest('invalid object type: /, Kind=')
  if (typeof config !== 'object' || Array.isArray(config)) {
    throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goJsonKind(config)} into Go value of type map[string]interface {}`)
  }
  const force = exchange.info.query.get('force')
  return async (live: Live | undefined): Promise<Change> => {
    const { kind } = request
    const before = live && liveIn(kind, live)
    const reckoned = reckonManagers(request, schema, (writer) => applyPatch(before, live?.managedFields ?? '', config as JsonObject, {
      ...writer, kind: kind.resource.kind, force: force === 'true' || force === '1',
    }))
    const applied = reckoned instanceof Promise ? await reckoned : reckoned
    const object = owned(applied.object) as unknown as KubeObject
    if (!live) object.metadata.name ||= request.name
    // What is merged carries the live object's revision, unless the configuration says another one.
    const revision = (config as Partial<KubeObject>).metadata?.resourceVersion || (live && String(live.revision))
    const decoded = await decode(object, request)
    checkName(decoded.object, request)
    return { object: decoded.object, managedFields: applied.managedFields, revision }
  }
}

function checkName(object: KubeObject, { name }: WriteRequest): void {
  if (!object.metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (object.metadata.name !== name) throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`)
}

function patchWith(type: string, document: JsonObject, patch: unknown, schema: Struct): unknown {
  const plain = document as Record<string, unknown>
  if (type === jsonType) return applyJsonPatch(plain, patch)
  if (type === mergeType) return applyMergePatch(plain, patch)
  if (type === strategicType) return applyStrategicMergePatch(plain, patch, schema)
  throw new ApiError(415, 'UnsupportedMediaType', `unknown patch type ${type}`)
}

const withManagers = (object: JsonObject, text: string): JsonObject =>
  ({ ...object, metadata: { ...(object.metadata as JsonObject), managedFields: JSON.parse(text) as unknown } })

/** A copy that may be changed: of a live object, which is frozen, or of a patch, which is needed again after a conflict. */
function owned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(owned)
  const copy: Record<string, unknown> = {}
  for (const key in value) copy[key] = owned((value as Record<string, unknown>)[key])
  return copy
}
