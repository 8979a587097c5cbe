import type { CacheEntry } from '../cache/entry'
import type { Matched } from '../cache/watcher'
import type { ListResult, Result } from '../exchange'
import type { Kind } from '../kinds'

/** Bytes for clients beyond the process: one implementation for what is most asked and most hurried, one for all the rest. */
export interface Form {
  /** What must be loaded before this can be written; no result: a refusal. Rejects with 406 what has no such form. */
  prepare?(result: Result | undefined): Promise<void> | undefined
  /** Watches of equal keys share their frames. */
  readonly key: string
  readonly contentType: string
  /** Of a watch's stream. */
  readonly streamType: string
  single(kind: Kind, entry: CacheEntry): Uint8Array
  /** Pieces to be sent one after another; made as they are taken. */
  list(list: ListResult): Iterable<Uint8Array>
  frames(kind: Kind, events: readonly Matched[]): Uint8Array
  /** Where a stream's first events say more than those that follow (the columns of tables). */
  firstFrames?(kind: Kind, events: readonly Matched[]): Uint8Array
  bookmark(kind: Kind, revision: number, initialEventsEnd: boolean): Uint8Array
  /** What was made for this answer. */
  value(object: unknown): Uint8Array
  /** An event that closes a watch. */
  error(status: unknown): Uint8Array
}
