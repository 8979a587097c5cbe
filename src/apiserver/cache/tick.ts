import type { Clock } from '#base/clock'

/** What happens to all caches at once: feeds are flushed at the end of the event loop's turn, bookmarks go out each minute. */
export interface Tick {
  add(feed: { flush(): void }): void
  /** Somebody watches with bookmarks: rings until nobody does. */
  bookmarks(cache: { bookmark(present: number): boolean }): void
}

const bookmarkEvery = 60_000

export function createTick(clock: Clock, present: () => number, signal: AbortSignal): Tick {
  const dirty = new Set<{ flush(): void }>()
  const asked = new Set<{ bookmark(present: number): boolean }>()
  const run = (): void => {
    for (const feed of dirty) {
      dirty.delete(feed)
      feed.flush()
    }
  }
  const ring = (): void => {
    if (signal.aborted) return
    run()
    for (const cache of asked) if (!cache.bookmark(present())) asked.delete(cache)
    if (asked.size > 0) clock.after(bookmarkEvery, ring)
  }
  return {
    add(feed) {
      if (dirty.size === 0) setImmediate(run)
      dirty.add(feed)
    },
    bookmarks(cache) {
      if (asked.size === 0) clock.after(bookmarkEvery, ring)
      asked.add(cache)
    },
  }
}
