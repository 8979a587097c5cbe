import { badRequest, internal, invalid } from '#apimachinery/api-error'
import { applyPatch } from '#apimachinery/apply/apply'
import type { FieldWriter, JsonObject } from '#apimachinery/apply/contract'
import { scaleFromParent, scaleToParent } from '#apimachinery/apply/scale'
import { updateManagedFields } from '#apimachinery/apply/update'
import { cannotBeHandled, noProblems, strictDecodingError, type StrictProblems, unknownField } from '#apimachinery/codec/codec'
import { FieldErrors } from '#apimachinery/field-errors'
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { nameIsDnsSubdomain } from '#apimachinery/names'
import type { KubeObject } from '#apimachinery/object'
import { validateObjectMeta } from '#apimachinery/object-meta-validation'
import { goValue } from '#apimachinery/patch/go-format'
import { applyJsonPatch } from '#apimachinery/patch/json-patch'
import { applyMergePatch } from '#apimachinery/patch/merge-patch'
import { applyStrategicMergePatch } from '#apimachinery/patch/strategic-merge-patch'
import type { ScaleSubresource } from '#apimachinery/resource'
import { normalize } from '#apimachinery/schema/normalize'
import type { Struct } from '#apimachinery/schema/schema'
import { formatLabelSelector, selectorOfObject } from '#apimachinery/selectors/label-selector'
import { structs } from '#api/autoscaling/v1/types.gen'
import type { Scale } from '#api/autoscaling/v1/types'
import { objectOf, type CacheEntry } from '../cache/entry'
import { managedFieldsText } from '../encoding/stored-form'
import type { Exchange, Result } from '../exchange'
import { schemaOf, type Kind } from '../kinds'
import { matchName } from '../registry/create'
import { get } from '../registry/get'
import type { Registry } from '../registry/registry'
import { matchNamespace } from '../registry/system-fields'
import { update, type Change, type Live } from '../registry/update'
import type { WriteRequest } from '../registry/write'
import { mediaType, readObject, unsupported } from './body'
import { readPatch } from './patch-body'
import { notAllowed } from './dispatch'
import { invalidPatch, showPatched } from './shown-patch'
import { writeRequest } from './write-request'

const schema = structs.Scale as Struct

/** GET, PUT and PATCH of an object's Scale: two numbers and a selector of the object under a kind of their own. */
export async function serveScale(registry: Registry, exchange: Exchange, kind: Kind, scale: ScaleSubresource): Promise<Result> {
  const { info } = exchange
  if (info.verb === 'get') {
    const entry = await get(registry, kind, info.namespace, info.name)
    return answer(kind, entry, scale)
  }
  if (info.verb !== 'update' && info.verb !== 'patch') {
    throw notAllowed()
  }
  const request: WriteRequest = {
    ...writeRequest(exchange, kind, registry, info.verb),
    admittedAs: {
      show: (object) => scaleOf(kind, object, object.metadata.resourceVersion ?? '', '', scale, false),
      take: (object, shown) => setAt(object as unknown as Record<string, unknown>, scale.specReplicas, (shown as Scale).spec.replicas ?? 0),
    },
  }
  await schemaOf(kind)
  const replaces = info.verb === 'update'
  const change = replaces ? await replacing(exchange, request) : await patching(exchange, request)
  const written = await update(registry, request, (live) => applyScale(kind, live!, scale, request, change), { mayCreate: false, ...(replaces ? { uid: 'given' } : {}) })
  return answer(kind, written.entry, scale)
}

const answer = (kind: Kind, entry: CacheEntry, scale: ScaleSubresource): Result => ({
  sort: 'object', code: 200, object: scaleOf(kind, objectOf(kind.resource, entry), String(entry.revision), managedFieldsText(entry.bytes) ?? '', scale, true),
})

/** From the Scale that stands there to the one that is wanted, and who then owns its replicas. */
type ScaleChange = (before: JsonObject, managedFields: string, writer: FieldWriter) => { scale: Scale; managedFields: string }

async function replacing(exchange: Exchange, request: WriteRequest): Promise<ScaleChange> {
  const { value, problems } = await readObject(exchange, 'Scale', request.fieldValidation !== 'Ignore')
  exchange.audit?.requestObject(value)
  const wanted = decodeScale(value, request, problems)
  matchName(wanted, request.name)
  matchNamespace(wanted, request.namespace, request.kind.resource.namespaced)
  return (before, managedFields, writer) => {
    const scale = withStatus(structuredClone(wanted), before)
    return { scale, managedFields: updateManagedFields(before, managedFields, scale as unknown as JsonObject, writer) }
  }
}

async function patching(exchange: Exchange, request: WriteRequest): Promise<ScaleChange> {
  const type = mediaType(exchange)
  const isApply = type === 'application/apply-patch+yaml'
  const patch = await readPatch(exchange, type, () => {})
  return (before, managedFields, writer) => {
    if (isApply) {
      const force = exchange.info.query.get('force')
      const applied = applyPatch(before, managedFields, patch as JsonObject, { ...writer, kind: 'Scale', force: force === 'true' || force === '1' })
      return { scale: withStatus(decodeScale(structuredClone(applied.object), request), before), managedFields: applied.managedFields }
    }
    const patched = (document: Record<string, unknown>): unknown => {
      if (type === 'application/json-patch+json') return applyJsonPatch(document, patch)
      if (type === 'application/merge-patch+json') return applyMergePatch(document, patch)
      if (type === 'application/strategic-merge-patch+json') return applyStrategicMergePatch(document, patch, schema)
      throw unsupported(['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'])
    }
    const made = structuredClone(patched(before as Record<string, unknown>))
    const scale = decodePatched(made, () => (type === 'application/strategic-merge-patch+json' ? goValue(patch) : showPatched(schema, before, managedFields, patched)), request)
    if ((scale.metadata.name ?? '') !== request.name) matchName(scale, request.name)
    return { scale: withStatus(scale, before), managedFields: updateManagedFields(before, managedFields, scale as unknown as JsonObject, writer) }
  }
}

function decodePatched(patched: unknown, shown: () => string, request: WriteRequest): Scale {
  try {
    return decodeScale(patched, request)
  } catch (error) {
    throw invalidPatch(error, shown())
  }
}

function applyScale(kind: Kind, live: Live, paths: ScaleSubresource, request: WriteRequest, change: ScaleChange): Change {
  const replicas = { [kind.apiVersion]: paths.specReplicas }
  const before = scaleOf(kind, live.object, String(live.revision), '', paths, false) as unknown as JsonObject
  const writer: FieldWriter = { manager: request.manager, apiVersion: 'autoscaling/v1', schema, time: request.now, subresource: 'scale' }
  const wanted = change(before, scaleFromParent(live.managedFields, replicas), writer)
  const { scale } = wanted
  const errors = new FieldErrors()
  validateObjectMeta(scale.metadata, kind.resource.namespaced, nameIsDnsSubdomain, errors.at('metadata'))
  const count = scale.spec.replicas ?? 0
  if (count < 0 && !kind.resource.customResource) errors.at('spec', 'replicas').invalid(count, 'must be greater than or equal to 0')
  if (errors.any) throw invalid({ group: 'autoscaling', kind: 'Scale' }, request.name, errors.all)
  const object = structuredClone(live.object)
  setAt(object as unknown as Record<string, unknown>, paths.specReplicas, count)
  const { resourceVersion, uid } = scale.metadata
  if (uid && uid !== object.metadata.uid) object.metadata.uid = uid
  return { object, managedFields: scaleToParent(live.managedFields, wanted.managedFields, kind.apiVersion, replicas), revision: resourceVersion || String(live.revision) }
}

/** `value` is ours, and pruned and completed in place. */
function decodeScale(value: unknown, { fieldValidation, warn }: WriteRequest, problems: StrictProblems = noProblems): Scale {
  if (typeof value !== 'object' || value === null) throw badRequest('the object provided is unrecognized (must be of type Scale)')
  const scale = value as Scale
  scale.apiVersion ||= 'autoscaling/v1'
  scale.kind ||= 'Scale'
  checkKind(scale.apiVersion, scale.kind)
  const unknown: string[] = []
  try {
    normalize(schema, scale, { defaults: true, ...(fieldValidation === 'Ignore' ? {} : { unknown: (path: string) => void unknown.push(path) }) })
  } catch (error) {
    throw cannotBeHandled(error, 'Scale', 'v1')
  }
  const texts = problems.withUnknown?.(unknown) ?? [...problems.texts, ...unknown.map(unknownField)]
  if (texts.length > 0 && fieldValidation === 'Strict') throw strictDecodingError(texts, 'Scale', 'v1')
  if (fieldValidation === 'Warn') for (const text of texts) warn(text)
  // Parts that are not there are empty ones.
  scale.metadata ??= {} as Scale['metadata']
  scale.spec ??= {}
  return scale
}

function checkKind(apiVersion: string, kind: string): void {
  const ours = apiVersion === 'autoscaling/v1'
  if (ours && kind === 'Scale') return
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const why = ours || kind === 'Scale' ? `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`
    : `converting (${version}.${kind}) to (autoscaling.Scale): unknown conversion`
  throw badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a Scale: ${why}`)
}

function withStatus(scale: Scale, before: JsonObject): Scale {
  scale.status = before.status as Scale['status']
  return scale
}

function scaleOf(kind: Kind, object: KubeObject, resourceVersion: string, managedFields: string, paths: ScaleSubresource, shown: boolean): Scale {
  const { name, namespace, uid, creationTimestamp } = object.metadata
  const replicas = at(object, paths.specReplicas) as number | undefined
  const selector = paths.selector && selectorText(at(object, paths.selector))
  if (kind.resource.customResource && replicas === undefined && shown) throw internal(`the spec replicas field ".${paths.specReplicas.join('.')}" does not exist`)
  const managed = shown && managedFields !== '' ? scaleFromParent(managedFields, { [kind.apiVersion]: paths.specReplicas }) : ''
  return {
    kind: 'Scale', apiVersion: 'autoscaling/v1',
    metadata: {
      name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp, ...(managed === '' ? {} : { managedFields: JSON.parse(managed) as never }),
    },
    spec: replicas ? { replicas } : {},
    status: { replicas: (at(object, paths.statusReplicas) as number | undefined) ?? 0, ...(selector ? { selector } : {}) },
  } as Scale
}

/** A LabelSelector, pairs (ReplicationController) or text already (custom resources). */
function selectorText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  if ('matchLabels' in value || 'matchExpressions' in value) return formatLabelSelector(selectorOfObject(value as LabelSelector))
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, text]) => `${key}=${text}`).join(',')
}

function at(object: unknown, path: readonly string[]): unknown {
  for (const segment of path) object = (object as Record<string, unknown> | undefined)?.[segment]
  return object
}

function setAt(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  for (const segment of path.slice(0, -1)) object = (object[segment] ??= {}) as Record<string, unknown>
  object[path.at(-1)!] = value
}
