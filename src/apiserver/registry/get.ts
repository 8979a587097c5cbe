import { notFound } from '#apimachinery/api-error'
import type { CacheEntry } from '../cache/entry'
import type { Kind } from '../kinds'
import { cacheOf, fullName, type Registry } from './registry'
import { parseWatchRevision, untilAtLeast, untilNewest } from './revisions'

/** GET: `0` takes what is here, a revision waits for it, and `''` reads the newest there is. */
export async function get(registry: Registry, kind: Kind, namespace: string, name: string, resourceVersion = ''): Promise<CacheEntry> {
  if (resourceVersion === '') await untilNewest(registry)
  else if (resourceVersion !== '0') await untilAtLeast(registry, parseWatchRevision(resourceVersion))
  const found = cacheOf(registry, kind)
  const cache = found instanceof Promise ? await found : found
  const entry = cache.get(kind.resource.namespaced ? namespace : '', name)
  if (!entry) throw notFound(fullName(kind), name)
  return entry
}
