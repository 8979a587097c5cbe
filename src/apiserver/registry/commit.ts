import type { KubeObject } from '#apimachinery/object'
import type { Delete, Put } from '#storage/store'
import { freeze, cacheEntry, type CacheEntry } from '../cache/entry'
import { encodeWithParts, type Known, type Stored } from '../encoding/stored-form'
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
  const ttlSeconds = kind.resource.ttlSeconds?.(object as never)
  registry.cache.remember(bytes, object, parts)
  const revision = await registry.store.write([
    { key: keyOfObject(kind, namespace, name), value: bytes, expect, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) },
    ...more,
  ])
  // The embedded stores tell the cache before they answer; another store may still be on its way.
  const cache = await cacheOf(registry, kind)
  const entry = cache.get(namespace, name)
  if (entry?.revision === revision) return entry
  object.metadata.resourceVersion = String(revision)
  return cacheEntry(namespace, name, revision, bytes, freeze(object), parts)
}

/** Revision 0 reads as no resourceVersion: a create that did not happen has none. */
function dryRunEntry(object: KubeObject, bytes: Uint8Array, revision: number): CacheEntry {
  if (revision > 0) object.metadata.resourceVersion = String(revision)
  return cacheEntry(object.metadata.namespace ?? '', object.metadata.name, revision, bytes, freeze(object))
}
