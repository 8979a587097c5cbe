/** Feeds that have something to hand over; all are flushed together at the end of the event loop's turn. */
export interface Tick {
  add(feed: { flush(): void }): void
}

export function createTick(): Tick {
  const dirty = new Set<{ flush(): void }>()
  const run = (): void => {
    for (const feed of dirty) {
      dirty.delete(feed)
      feed.flush()
    }
  }
  return {
    add(feed) {
      if (dirty.size === 0) setImmediate(run)
      dirty.add(feed)
    },
  }
}
