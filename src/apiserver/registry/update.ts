import { ApiError, conflict, invalid, notFound } from '#apimachinery/api-error'
import type { ManagedFieldsText } from '#apimachinery/apply/contract'
import { FieldErrors } from '#apimachinery/field-errors'
import { nameIsDnsSubdomain } from '#apimachinery/names'
import { validateUpdatedMeta, type MetadataChecks } from '#apimachinery/object-meta-validation'
import type { KubeObject } from '#apimachinery/object'
import type { Strategy } from '#apimachinery/resource'
import { Conflict } from '#storage/store'
import { objectOf, restsOtherwise, type CacheEntry } from '../cache/entry'
import { decodeStored, encodeStored, encodeWithParts, managedFieldsText } from '../encoding/stored-form'
import type { Kind } from '../kinds'
import type { Reservation } from '../rest/rest'
import { admissionRequest } from './admission'
import { commitStored, knownOf } from './commit'
import { insert, undo } from './create'
import { redefault } from './decode'
import { commitDelete } from './delete'
import { dropRepeatedOwners } from './owner-references'
import { DeepWriters, type Own } from './own'
import { cacheOf, fullName, keyOfObject, restOf, type Registry, type Written } from './registry'
import { checkLegacyFinalizers } from './legacy-finalizers'
import { sameStored } from './same-stored'
import { keepIdentity, keepMetadata, matchNamespace, startMetadata } from './system-fields'
import type { WriteRequest } from './write'

export const staleObject = 'the object has been modified; please apply your changes to the latest version and try again'

/** What stands there when a round of the write loop begins. `object` is frozen, of the storage version, without managed fields. */
export interface Live {
  readonly object: KubeObject
  readonly managedFields: ManagedFieldsText
  readonly revision: number
  /** The same object again, new and ours. */
  copy(): KubeObject
  /** What is made of it may share its frozen parts beside these. */
  readonly own: Own
}
export interface Change {
  /** Ours, of the storage version. */
  readonly object: KubeObject
  readonly managedFields: ManagedFieldsText
  /** What the object must be at, where the client said it. */
  readonly revision?: string | undefined
}
/** One round: makes the new object of the live one (`undefined`: there is none, a PUT or an apply may create it). */
export type Transform = (live: Live | undefined) => Change | Promise<Change>

export interface UpdateOptions {
  readonly mayCreate: boolean
  /** `given`: a UID that the object says must be the live one's (PUT); otherwise a changed one is refused as immutable. */
  readonly uid?: 'given'
}

/** By group, resource and subresource. */
export const deepWriters = new DeepWriters()

/** The write loop: after a conflict with another writer everything runs again on the new object. */
export async function update(registry: Registry, request: WriteRequest, transform: Transform, options: UpdateOptions): Promise<Written> {
  const { kind, namespace, name } = request
  const cache = await cacheOf(registry, kind)
  let entry = cache.get(kind.resource.namespaced ? namespace : '', name)
  const endpoint = `${kind.resource.group}/${kind.resource.resource}/${request.subresource}`
  let own = deepWriters.ownFor(endpoint)
  for (;;) {
    try {
      return await round(registry, request, entry, transform, options, own)
    } catch (error) {
      const deeper = deepWriters.after(error, endpoint, own)
      if (deeper) {
        own = deeper
        continue
      }
      if (!(error instanceof Conflict)) throw error
      const { current } = error
      // What was reserved was taken by somebody else: the object itself may be as it was.
      if (error.key !== keyOfObject(kind, kind.resource.namespaced ? namespace : '', name)) continue
      entry = current && (await registry.cache.entryAt(kind.resource, kind.resource.namespaced ? namespace : '', name, current.revision, current.value))
    }
  }
}

async function round(
  registry: Registry, request: WriteRequest, entry: CacheEntry | undefined, transform: Transform, options: UpdateOptions, own: Own,
): Promise<Written> {
  const { kind } = request
  if (!entry) {
    if (!options.mayCreate) throw notFound(fullName(kind), request.name)
    return createInstead(registry, request, await transform(undefined))
  }
  const old = objectOf(kind.resource, entry)
  const managed = managedFieldsText(entry.bytes) ?? ''
  const made = transform({
    object: old, managedFields: managed, revision: entry.revision,
    copy: () => decodeStored(kind.resource, entry.bytes, entry.revision, false),
    // What another process wrote may lack defaults of this one, or not be what it takes for valid: it is looked at as a whole.
    own: own === 'metadata' && !entry.parts ? 'upper' : own,
  })
  const { object, managedFields, revision } = made instanceof Promise ? await made : made
  checkPreconditions(request, object, old, entry, revision, options)
  object.metadata.resourceVersion = String(entry.revision)
  matchNamespace(object, request.namespace, kind.resource.namespaced)

  const { admittedAs } = request
  const question = admissionRequest(request, 'UPDATE', admittedAs ? admittedAs.show(object) : object, admittedAs ? admittedAs.show(old) : old)
  const admitting = registry.admission.admit(question)
  if (admitting) await admitting
  admittedAs?.take(object, question.object!)
  redefault(kind, object, entry.parts && old)
  dropRepeatedOwners(object, true, (text) => request.warn(text))

  const begun = request.subresource === '' ? restOf(registry, kind)?.begin?.(object, old, request) : undefined
  const reservation: Reservation | undefined = begun instanceof Promise ? await begun : begun
  try {
    const checking = prepare(registry, request, object, old)
    if (checking) await checking
    const validating = registry.admission.validate(question)
    if (validating) await validating
    const written = await store(registry, request, object, old, entry, { before: managed, after: managedFields }, reservation)
    await reservation?.commit?.()
    return written
  } catch (error) {
    await undo(registry, reservation)
    throw error
  }
}

async function store(
  registry: Registry, request: WriteRequest, object: KubeObject, old: KubeObject, entry: CacheEntry, managers: { readonly before: ManagedFieldsText; readonly after: ManagedFieldsText },
  reservation: Reservation | undefined,
): Promise<Written> {
  const { kind } = request
  if (finishesDeletion(object, old) && (restOf(registry, kind)?.mayDeleteDuringUpdate?.(object, old) ?? true)) {
    const gone = await commitDelete(registry, request, entry, object, () => encodeStored(object, managers.after || undefined))
    return { entry: gone, created: false, object }
  }
  const stored = encodeWithParts(object, managers.after || undefined, knownOf(entry, old))
  if (sameStored({ bytes: stored.bytes, managedFields: managers.after }, { bytes: entry.bytes, managedFields: managers.before }) && !isStale(registry, kind, entry)) return { entry, created: false, object: old }
  const written = await commitStored(registry, kind, object, stored, entry.revision, request.dryRun, reservation?.changes)
  return { entry: written, created: false, object }
}

/** It rests under a key that is being given up: writing the same again moves it to the next. */
const isStale = ({ store }: Registry, kind: Kind, entry: CacheEntry): boolean =>
  restsOtherwise(entry) || (store.isStale?.(keyOfObject(kind, entry.namespace, entry.name), entry.revision) ?? false)

function checkPreconditions(
  { kind, name }: WriteRequest, object: KubeObject, old: KubeObject, entry: CacheEntry, revision: string | undefined, { uid }: UpdateOptions,
): void {
  const wanted = uid === 'given' ? object.metadata.uid || undefined : undefined
  if (wanted !== undefined && wanted !== old.metadata.uid) {
    throw conflict(fullName(kind), name, wrongUid(kind, old.metadata.namespace, name, wanted, old.metadata.uid))
  }
  if (revision) {
    if (revision !== String(entry.revision)) throw conflict(fullName(kind), name, staleObject)
  } else if (kind.resource.allowUnconditionalUpdate === false) {
    const errors = new FieldErrors()
    errors.at('metadata', 'resourceVersion').invalid(0, 'must be specified for an update')
    throw invalid({ group: kind.resource.group, kind: kind.resource.resource }, name, errors.all)
  }
}

/** The original's text names the key in its store. */
const wrongUid = (kind: Kind, namespace: string | undefined, name: string, wanted: string, found: string): string =>
  `StorageError: invalid object, Code: 4, Key: /registry/${kind.resource.resource}/${namespace ? `${namespace}/` : ''}${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`

async function createInstead(registry: Registry, request: WriteRequest, { object, managedFields, revision }: Change): Promise<Written> {
  // Only what never was can be made; a revision or UID says that it was there.
  if (object.metadata.uid) {
    throw conflict(fullName(request.kind), request.name, `uid mismatch: the provided object specified uid ${object.metadata.uid}, and no existing object was found`)
  }
  if (revision && revision !== '0') throw notFound(fullName(request.kind), request.name)
  startMetadata(object, request)
  matchNamespace(object, request.namespace, request.kind.resource.namespaced)
  const admitting = registry.admission.admit(admissionRequest(request, 'CREATE', object, undefined))
  if (admitting) await admitting
  redefault(request.kind, object)
  dropRepeatedOwners(object, true, (text) => request.warn(text))
  try {
    return { entry: await insert(registry, request, object, managedFields), created: true, object }
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'AlreadyExists') throw conflict(fullName(request.kind), request.name, staleObject)
    throw error
  }
}

function strategyOf({ kind: { resource }, subresource }: WriteRequest): Strategy<KubeObject> {
  if (subresource === '') return resource as unknown as Strategy<KubeObject>
  const endpoint = resource.subresources[subresource]
  return endpoint?.sort === 'object' ? (endpoint as unknown as Strategy<KubeObject>) : (resource as unknown as Strategy<KubeObject>)
}

function prepare(registry: Registry, request: WriteRequest, object: KubeObject, old: KubeObject): void | Promise<void> {
  const { kind } = request
  const strategy = strategyOf(request)
  keepMetadata(object, old)
  strategy.prepareForUpdate?.(object, old, request)
  keepIdentity(object, old)
  const errors = new FieldErrors()
  const checking = restOf(registry, kind)?.check?.(object, old, request, errors)
  if (checking) return checking.then(() => judge(request, strategy, object, old, errors))
  judge(request, strategy, object, old, errors)
}

const inEachWay: MetadataChecks = { whole: 1, update: 1 }
const asChanged: MetadataChecks = { whole: 0, update: 1 }

function judge(request: WriteRequest, strategy: Strategy<KubeObject>, object: KubeObject, old: KubeObject, errors: FieldErrors): void {
  const { kind, kind: { resource } } = request
  const { namespaced, validateName: nameRule = nameIsDnsSubdomain } = resource
  const { whole, update } = strategy.metadataChecks ?? (request.subresource || resource.customResource ? asChanged : inEachWay)
  const legacy = (to: FieldErrors): void => checkLegacyFinalizers(resource, object.metadata, to)
  validateUpdatedMeta(object.metadata, old.metadata, { namespaced, nameRule, whole, update, legacy }, errors.at('metadata'))
  strategy.validate?.(object, errors, request)
  strategy.validateUpdate?.(object, old, errors, request)
  if (errors.any) throw invalid({ group: kind.resource.group, kind: kind.resource.kind }, object.metadata.name, errors.all)
  for (const text of strategy.warnings?.(object, old) ?? []) request.warn(text)
  strategy.canonicalize?.(object)
}

/** The last finalizer went, and nothing else holds a deletion that was asked for. */
function finishesDeletion(object: KubeObject, old: KubeObject): boolean {
  return (object.metadata.finalizers?.length ?? 0) === 0 && old.metadata.deletionTimestamp !== undefined && !old.metadata.deletionGracePeriodSeconds
}
