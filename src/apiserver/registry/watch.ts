import { ApiError, expired } from '#apimachinery/api-error'
import { Compacted } from '#storage/store'
import type { Filter } from '../cache/filter'
import type { CacheEvent } from '../cache/event-log'
import type { OpenWatch, WatchSink } from '../cache/watcher'
import type { WatchResult } from '../exchange'
import type { Kind } from '../kinds'
import type { ListOptions } from './list-options'
import { cacheOf, type Registry } from './registry'
import { parseWatchRevision, untilAtLeast, untilNewest } from './revisions'

/** Watches that name no time end after half an hour to an hour, so that clients spread over servers again. */
const defaultMinWatchMs = 1_800_000
const lastBookmarkMs = 2000

/**
 * WATCH. What came before the cache's own memory is read out of the store's. Where it cannot begin (410 when its revision is forgotten, 504
 * when it is not there yet) the watch opens all the same and says so in an event: that is what clients wait for.
 */
export async function watch(registry: Registry, kind: Kind, filter: Filter, options: ListOptions): Promise<WatchResult> {
  const asked = parseWatchRevision(options.resourceVersion)
  try {
    return await open(registry, kind, filter, options, asked)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return {
      sort: 'watch', kind, timeoutMs: undefined, after: (ms, callback) => registry.clock.after(ms, callback),
      start(sink) {
        sink.end(error)
        return { resume: () => {}, bookmark: () => {}, close: () => {} }
      },
    }
  }
}

async function open(registry: Registry, kind: Kind, filter: Filter, options: ListOptions, asked: number): Promise<WatchResult> {
  const { resourceVersion, sendInitialEvents, allowWatchBookmarks } = options
  const initial = sendInitialEvents ?? asked === 0
  let after: number | undefined
  let history: CacheEvent[] = []
  if (sendInitialEvents !== undefined && asked > 0) await untilAtLeast(registry, asked)
  if (resourceVersion === '') await untilNewest(registry)
  const cache = await cacheOf(registry, kind)
  if (!initial) {
    after = asked === 0 ? registry.cache.through : asked
    if (after < cache.log.since) history = await older(registry, kind, after, cache.log.since)
  }
  const seconds = options.timeoutSeconds ?? 0
  const timeoutMs = seconds === 0 ? (registry.minWatchMs ?? defaultMinWatchMs) * (1 + Math.random()) : Math.max(0, seconds * 1000)
  const start = (sink: WatchSink): OpenWatch => cache.watch(filter, {
    after, initial, initialBookmark: sendInitialEvents === true && allowWatchBookmarks, bookmarks: allowWatchBookmarks,
  }, registry.cache.through, sink, history)
  return {
    sort: 'watch', kind, timeoutMs,
    after: (ms, callback) => registry.clock.after(ms, callback),
    start: allowWatchBookmarks && timeoutMs > lastBookmarkMs ? (sink) => withLastBookmark(registry, start(sink), timeoutMs - lastBookmarkMs) : start,
  }
}

/** Shortly before its time is up, a watch says how far it is: whoever goes on from there misses nothing and gets nothing twice. */
function withLastBookmark({ clock, cache }: Registry, open: OpenWatch, ms: number): OpenWatch {
  const timer = clock.after(ms, () => open.bookmark(cache.through))
  return {
    ...open,
    close() {
      timer[Symbol.dispose]()
      open.close()
    },
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
