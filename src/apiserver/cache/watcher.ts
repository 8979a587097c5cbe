import type { ApiError } from '#apimachinery/api-error'
import type { CacheEntry } from './entry'

/** An event as a watcher gets it: a selector may have turned a change into an appearance or a disappearance. */
export interface Matched {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly entry: CacheEntry
}

/**
 * Events on their way to all watchers of one feed. Whoever needs them in a form first makes it and keeps it in `made`, for
 * the others.
 */
export interface EventBatch {
  readonly events: readonly Matched[]
  made: unknown
}

/** Where a watch's events go. */
export interface WatchSink {
  /** Watches of the same filter and form share their batches. */
  readonly form: string
  /** False: no more until `watch.resume()` is called. */
  events(batch: EventBatch): boolean
  bookmark(revision: number, initialEventsEnd: boolean): void
  /** The server ends the watch: with an error event (410), or without a word. */
  end(error?: ApiError): void
}

export interface OpenWatch {
  /** The sink can take more. */
  resume(): void
  /** Says how far the watch is, unless something waits for the sink. */
  bookmark(present: number): void
  close(): void
}

export type WatchStart = (sink: WatchSink) => OpenWatch
