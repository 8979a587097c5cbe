import { notFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { Conflict } from '#storage/store'
import { objectOf, type CacheEntry } from '../cache/entry'
import { decodeStored, managedFieldsText } from '../encoding/stored-form'
import { commitPut } from './commit'
import { cacheOf, fullName, type Registry } from './registry'
import type { WriteRequest } from './write'

/**
 * Changes a stored object for an endpoint of its own (binding, eviction): no strategy, no admission, no managed fields. `change`
 * gets a copy that is ours and the frozen live object, throws to refuse, and runs again after a conflict.
 */
export async function rewrite<T extends KubeObject>(
  registry: Registry, request: WriteRequest, change: (object: T, old: T, entry: CacheEntry) => void, place: { namespace: string; name: string } = request,
): Promise<CacheEntry> {
  const { kind } = request
  const namespace = kind.resource.namespaced ? place.namespace : ''
  const cache = await cacheOf(registry, kind)
  let entry = cache.get(namespace, place.name)
  for (;;) {
    if (!entry) throw notFound(fullName(kind), place.name)
    const object = decodeStored(kind.resource, entry.bytes, entry.revision, false)
    change(object as T, objectOf(kind.resource, entry) as T, entry)
    try {
      return await commitPut(registry, kind, object, managedFieldsText(entry.bytes) ?? '', entry.revision, request.dryRun)
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      entry = error.current && (await registry.cache.entryAt(kind.resource, namespace, place.name, error.current.revision, error.current.value))
    }
  }
}
