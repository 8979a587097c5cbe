import { HistogramSeries } from '#component-base/series'
import type { Kind } from '../kinds'

export interface WatchCounts {
  events: number
  readonly sizes: HistogramSeries
}

const counted = new WeakMap<Kind, WatchCounts>()

/** What has been sent to watchers beyond this process, by kind. */
export const watchCounts = {
  /** Bytes. */
  bounds: [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072],
  known: (kind: Kind): WatchCounts | undefined => counted.get(kind),
  of(kind: Kind): WatchCounts {
    let counts = counted.get(kind)
    if (!counts) counted.set(kind, (counts = { events: 0, sizes: new HistogramSeries(watchCounts.bounds) }))
    return counts
  },
}
