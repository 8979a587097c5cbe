import { expired } from '#apimachinery/api-error'
import { Compacted } from '#storage/store'
import type { Filter } from '../cache/filter'
import type { CacheEvent } from '../cache/event-log'
import type { WatchResult } from '../exchange'
import type { Kind } from '../kinds'
import type { ListOptions } from './list-options'
import { cacheOf, type Registry } from './registry'
import { parseWatchRevision, untilAtLeast, untilNewest } from './revisions'

/** Watches that name no time end after half an hour to an hour, so that clients spread over servers again. */
const minTimeout = 1_800_000

/** WATCH. What came before the cache's own memory is read out of the store's; throws 410 when that is forgotten too. */
export async function watch(registry: Registry, kind: Kind, filter: Filter, options: ListOptions): Promise<WatchResult> {
  const cache = await cacheOf(registry, kind)
  const { resourceVersion, sendInitialEvents, allowWatchBookmarks } = options
  const asked = parseWatchRevision(resourceVersion)
  const initial = sendInitialEvents ?? asked === 0
  let after: number | undefined
  let history: CacheEvent[] = []
  if (sendInitialEvents !== undefined && asked > 0) await untilAtLeast(registry, asked)
  if (resourceVersion === '') await untilNewest(registry)
  if (!initial) {
    after = asked === 0 ? registry.cache.through : asked
    if (after < cache.log.since) history = await older(registry, kind, after, cache.log.since)
  }
  const seconds = options.timeoutSeconds ?? 0
  return {
    sort: 'watch', kind,
    after: (ms, callback) => registry.clock.after(ms, callback),
    timeoutMs: seconds > 0 ? seconds * 1000 : minTimeout * (1 + Math.random()),
    start: (sink) => cache.watch(filter, {
      after, initial, initialBookmark: sendInitialEvents === true && allowWatchBookmarks, bookmarks: allowWatchBookmarks,
    }, registry.cache.through, sink, history),
  }
}

async function older(registry: Registry, kind: Kind, after: number, until: number): Promise<CacheEvent[]> {
  try {
    return await registry.cache.history(kind.resource, after, until)
  } catch (error) {
    if (error instanceof Compacted) throw expired(`too old resource version: ${after} (${error.oldest})`)
    throw error
  }
}
