/**
 * Where every API object rests: opaque bytes under "/registry/<group>/<resource>/<namespace>/<name>".
 *
 * Revisions increase over the whole store. Gaps, and revisions shared by several changes (one write), are normal.
 * A change reaches the watchers of an embedded driver before its writer is answered. README.md tells the rest,
 * `suite.ts` checks it for every driver.
 */
export interface Store extends AsyncDisposable {
  /** The newest revision that any process has written: linearizable. */
  current(): Promise<Revision>
  /** The entry as of `at`, by default the newest. Throws `Compacted` when `at` is no longer kept, `FutureRevision` when it is not there yet. */
  get(key: Key, options?: { at?: Revision }): Promise<Entry | undefined>
  /** Entries under a prefix in byte order, starting behind `after`. Ends with `more` at `limit` entries or about `maxBytes` of values. */
  list(prefix: Key, options: ListOptions): Promise<Page>
  /** All or nothing; resolves once it would survive a power cut. Throws `Conflict` with the entry that stands there instead. */
  write(changes: readonly (Put | Delete)[]): Promise<Revision>
  /**
   * Calls `deliver` with all changes under a prefix after a revision, in order, as they were committed; a revision's
   * changes are never split over two batches. An empty batch says: nothing up to `through`. Resolves when the signal
   * is aborted; throws `Compacted` when `after` is older than what is kept, `FutureRevision` when it is not there yet,
   * and what `deliver` throws, to this watcher alone.
   */
  watch(prefix: Key, options: { after: Revision; signal: AbortSignal }, deliver: (batch: Batch) => void): Promise<void>
  /** Forgets what was superseded before a revision; never blocks writers. */
  compact(before: Revision): Promise<void>
  /**
   * Whether what stands under a key since a revision rests in a form that would no longer be written (its key was rotated): then a write
   * of the same value is not in vain. Stores that know one form only do not have it.
   */
  isStale?(key: Key, revision: Revision): boolean
}

export type Key = string
/** Whole and below 2^53. */
export type Revision = number

export type ListOptions = { at?: Revision; after?: Key; limit: number; maxBytes: number }
/** `created` and `revision`: when the key was made and last changed; `version` counts its changes from 1. */
export type Entry = { key: Key; value: Uint8Array; revision: Revision; created: Revision; version: number }
/** `revision`: what the page was read at. `remaining`: how many entries follow, where the driver knows. */
export type Page = { entries: readonly Entry[]; revision: Revision; more: boolean; remaining?: number }
/** `expect`: the revision that the entry must have. */
export type Put = { key: Key; value: Uint8Array; expect: Revision | 'absent'; ttlSeconds?: number }
export type Delete = { key: Key; expect: Revision }
/**
 * A deletion has no `value`; `before` is what stood there, and `revision` the deletion's own. Ask for `before` while the change is
 * delivered: a driver may have to read it, and forgets it with the history.
 */
export type Change = { key: Key; revision: Revision; value?: Uint8Array; before?: Entry }
export type Batch = { through: Revision; changes: readonly Change[] }

/** A write expected something else: `current` is what stands there, undefined when nothing does. */
export class Conflict extends Error {
  override readonly name = 'Conflict'
  readonly key: Key
  readonly current: Entry | undefined
  constructor(key: Key, current: Entry | undefined) {
    super(`${key} is ${current ? `at revision ${current.revision}` : 'absent'}, which is not what the write expected`)
    this.key = key
    this.current = current
  }
}

/** A revision was asked for that is no longer kept; `oldest` is the first that is. */
export class Compacted extends Error {
  override readonly name = 'Compacted'
  readonly oldest: Revision
  constructor(asked: Revision, oldest: Revision) {
    super(`revision ${asked} has been compacted: the oldest that is kept is ${oldest}`)
    this.oldest = oldest
  }
}

/** A revision was asked for that has not been written yet; `newest` is the last that was. */
export class FutureRevision extends Error {
  override readonly name = 'FutureRevision'
  readonly newest: Revision
  constructor(asked: Revision, newest: Revision) {
    super(`revision ${asked} is not there yet: the newest is ${newest}`)
    this.newest = newest
  }
}

/** The store cannot be used or can no longer be written: `message` says what stands in the way and what to do. Nothing was overwritten. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
