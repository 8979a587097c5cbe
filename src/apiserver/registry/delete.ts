import { conflict, notFound } from '#apimachinery/api-error'
import type { DeleteOptions } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { Conflict } from '#storage/store'
import { atRevision, cacheEntry, freeze, objectOf, type CacheEntry } from '../cache/entry'
import { decodeStored, encodeMetadataAnew, managedFieldsText } from '../encoding/stored-form'
import { admissionRequest } from './admission'
import { commitPut, knownOf } from './commit'
import { finalizersFor } from './propagation'
import { cacheOf, fullName, keyOfObject, restOf, type Registry } from './registry'
import { rfc3339, type WriteRequest } from './write'

export interface Deleted {
  /** The last form of the object, or the present one of an object that is on its way out. */
  readonly entry: CacheEntry
  readonly gone: boolean
}

/** DELETE of one object: at once, or by marking it where a grace period or finalizers hold it. */
export async function deleteObject(registry: Registry, request: WriteRequest, options: DeleteOptions, known?: CacheEntry): Promise<Deleted> {
  const { kind, name } = request
  const namespace = kind.resource.namespaced ? request.namespace : ''
  const cache = await cacheOf(registry, kind)
  let entry = known ?? cache.get(namespace, name)
  for (;;) {
    if (!entry) throw notFound(fullName(kind), name)
    try {
      return await attempt(registry, request, options, entry)
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      const { current } = error
      entry = current && (await registry.cache.entryAt(kind.resource, namespace, name, current.revision, current.value))
    }
  }
}

async function attempt(registry: Registry, request: WriteRequest, options: DeleteOptions, entry: CacheEntry): Promise<Deleted> {
  const { kind } = request
  const old = objectOf(kind.resource, entry)
  checkPreconditions(request, options, old, entry)
  const own = restOf(registry, kind)?.deletion
  const plan = planDeletion(registry, request, options, old, own?.held(old) ?? false)
  if (plan.sort === 'pending') return { entry, gone: false }

  // An eviction was asked about already, as what it is.
  if (request.subresource === '') {
    const question = admissionRequest(request.name === old.metadata.name ? request : { ...request, name: old.metadata.name }, 'DELETE', undefined, old)
    const admitting = registry.admission.admit(question)
    if (admitting) await admitting
    const validating = registry.admission.validate(question)
    if (validating) await validating
  }

  if (plan.sort === 'mark') {
    const object = withMetadata(own ? decodeStored(kind.resource, entry.bytes, entry.revision, false) : old, plan.metadata)
    own?.mark(object)
    const marked = await commitPut(registry, kind, object, managedFieldsText(entry.bytes) ?? '', entry.revision, request.dryRun, [], own ? undefined : knownOf(entry, old))
    return { entry: marked, gone: false }
  }
  if (!plan.metadata) return { entry: await commitDelete(registry, request, entry), gone: true }
  // Kinds with grace periods show in their last form that they were deleted.
  const last = withMetadata(old, plan.metadata)
  return { entry: await commitDelete(registry, request, entry, last, () => encodeMetadataAnew(last, entry.bytes)), gone: true }
}

/** Shares all but the metadata with an object that may be frozen. */
const withMetadata = (object: KubeObject, changes: Partial<KubeObject['metadata']>): KubeObject => ({ ...object, metadata: { ...object.metadata, ...changes } })

type Plan =
  | { sort: 'pending' }
  | { sort: 'mark'; metadata: Partial<KubeObject['metadata']> }
  | { sort: 'now'; metadata?: Partial<KubeObject['metadata']> }

function planDeletion(registry: Registry, { kind, now }: WriteRequest, options: DeleteOptions, old: KubeObject, heldByKind: boolean): Plan {
  const { resource } = kind
  const before = old.metadata
  const asked = options.gracePeriodSeconds === undefined ? undefined : options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds
  const finalizers = finalizersFor(resource, before.finalizers, options)
  const held = (before.finalizers?.length ?? 0) > 0 || (finalizers?.length ?? 0) > 0 || heldByKind
  const metadata: Partial<KubeObject['metadata']> = finalizers ? { finalizers } : {}

  if (resource.gracePeriodSeconds) {
    if (before.deletionTimestamp === undefined) {
      const seconds = resource.gracePeriodSeconds(old as never, asked)
      metadata.deletionTimestamp = rfc3339(registry.clock.now() + seconds * 1000)
      metadata.deletionGracePeriodSeconds = seconds
      if (before.generation) metadata.generation = before.generation + 1
      return seconds > 0 || held ? { sort: 'mark', metadata } : { sort: 'now', metadata }
    }
    const left = before.deletionGracePeriodSeconds ?? 0
    if (left > 0) {
      if (asked === undefined || asked >= left) return { sort: 'pending' }
      const shortened = shorten(before.deletionTimestamp, left, asked, registry.clock.now())
      Object.assign(metadata, shortened)
      return shortened.deletionGracePeriodSeconds > 0 || held ? { sort: 'mark', metadata } : { sort: 'now', metadata }
    }
  }
  if (!held) return { sort: 'now' }
  if (heldByKind) return before.deletionTimestamp !== undefined && !finalizers ? { sort: 'pending' } : { sort: 'mark', metadata: { ...metadata, deletionTimestamp: before.deletionTimestamp ?? now } }
  if (before.deletionTimestamp !== undefined && before.deletionGracePeriodSeconds === 0 && !finalizers) return { sort: 'pending' }
  if (before.deletionTimestamp === undefined && before.generation) metadata.generation = before.generation + 1
  if (before.deletionTimestamp === undefined || before.deletionTimestamp > now) metadata.deletionTimestamp = now
  metadata.deletionGracePeriodSeconds = 0
  return { sort: 'mark', metadata }
}

function shorten(deletionTimestamp: string, left: number, asked: number, now: number): { deletionTimestamp: string; deletionGracePeriodSeconds: number } {
  const started = Date.parse(deletionTimestamp) - left * 1000
  const ends = started + asked * 1000
  if (ends >= now) return { deletionTimestamp: rfc3339(ends), deletionGracePeriodSeconds: asked }
  return { deletionTimestamp: rfc3339(now), deletionGracePeriodSeconds: asked === 0 ? 0 : 1 }
}

function checkPreconditions({ kind, name }: WriteRequest, { preconditions }: DeleteOptions, old: KubeObject, entry: CacheEntry): void {
  const named = { group: kind.resource.group, resource: kind.resource.kind }
  if (preconditions?.uid !== undefined && preconditions.uid !== old.metadata.uid) {
    throw conflict(named, name, `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${old.metadata.uid}). The object might have been deleted and then recreated`)
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== String(entry.revision)) {
    throw conflict(named, name, `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${entry.revision}). The object might have been modified`)
  }
}

/** Removes what stands at `entry`; `last` is what it is said to have been, in its stored form. Throws the store's `Conflict`. */
export async function commitDelete(registry: Registry, request: WriteRequest, entry: CacheEntry, last?: KubeObject, encode?: () => Uint8Array): Promise<CacheEntry> {
  const { kind } = request
  let revision = entry.revision
  if (!request.dryRun) {
    const rest = restOf(registry, kind)
    const more = rest?.withDelete?.(objectOf(kind.resource, entry) as never)
    revision = await registry.store.write([{ key: keyOfObject(kind, entry.namespace, entry.name), expect: entry.revision }, ...((more instanceof Promise ? await more : more) ?? [])])
    const after = rest?.afterDelete?.(objectOf(kind.resource, entry) as never, request)
    if (after) await after
  }
  if (!last || !encode) return atRevision(entry, revision)
  last.metadata.resourceVersion = String(revision)
  return cacheEntry(entry.namespace, entry.name, revision, encode(), freeze(last))
}
