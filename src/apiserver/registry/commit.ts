import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import type { Delete, Put } from '#storage/store'
import { freeze, cacheEntry, type CacheEntry } from '../cache/entry'
import { withVersion } from '../cache/stored-version'
import { encodeStored, encodeWithParts, managedFieldsText, type Known, type Stored } from '../encoding/stored-form'
import type { Kind } from '../kinds'
import { cacheOf, keyOfObject, type Registry } from './registry'

/** Writes an object, which is ours and not changed any more. Throws the store's `Conflict`. */
export async function commitPut(
  registry: Registry, kind: Kind, object: KubeObject, managedFields: string, expect: number | 'absent', dryRun: boolean,
  more: readonly (Put | Delete)[] = [], known?: Known,
): Promise<CacheEntry> {
  return commitStored(registry, kind, object, encodeWithParts(object, managedFields === '' ? undefined : managedFields, known), expect, dryRun, more)
}

/** What an object is stored as shares its bytes with what stood there, where the two share parts. */
export function knownOf(entry: CacheEntry, object: KubeObject): Known | undefined {
  return entry.parts && { object, bytes: entry.bytes, parts: entry.parts }
}

/** The same with the object's stored form at hand. */
export async function commitStored(
  registry: Registry, kind: Kind, object: KubeObject, { bytes, parts }: Stored, expect: number | 'absent', dryRun: boolean, more: readonly (Put | Delete)[] = [],
): Promise<CacheEntry> {
  const { name, namespace = '' } = object.metadata
  if (dryRun) return dryRunEntry(object, bytes, expect === 'absent' ? 0 : expect)
  const ttlSeconds = kind.resource.ttlSeconds && (registry.eventTtlSeconds ?? kind.resource.ttlSeconds(object as never))
  const value = kind.resource.customResource ? await atRest(kind.resource, object, bytes) : bytes
  registry.cache.remember(value, object, parts, bytes)
  const revision = await registry.store.write([
    { key: keyOfObject(kind, namespace, name), value, expect, ...(ttlSeconds ? { ttlSeconds } : {}) },
    ...more,
  ])
  // The embedded stores tell the cache before they answer; another store may still be on its way.
  const cache = await cacheOf(registry, kind)
  const entry = cache.get(namespace, name)
  if (entry?.revision === revision) return entry
  object.metadata.resourceVersion = String(revision)
  return cacheEntry(namespace, name, revision, bytes, freeze(object), parts)
}

/** A custom resource in the version in which it is to rest, which is said behind it. */
async function atRest({ customResource }: Resource, object: KubeObject, text: Uint8Array): Promise<Uint8Array> {
  const { storedVersion, toStored } = customResource!
  if (!toStored) return withVersion(text, storedVersion)
  return withVersion(encodeStored(await toStored(object as never), managedFieldsText(text)), storedVersion)
}

/** Revision 0 reads as no resourceVersion: a create that did not happen has none. */
function dryRunEntry(object: KubeObject, bytes: Uint8Array, revision: number): CacheEntry {
  if (revision > 0) object.metadata.resourceVersion = String(revision)
  return cacheEntry(object.metadata.namespace ?? '', object.metadata.name, revision, bytes, freeze(object))
}
