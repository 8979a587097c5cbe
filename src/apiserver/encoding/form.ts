import type { CacheEntry } from '../cache/entry'
import type { Matched } from '../cache/watcher'
import type { ListResult, Result } from '../exchange'
import type { Kind } from '../kinds'

/** Bytes of a piece of a list. */
export const pieceSize = 256 * 1024

/**
 * Memory of pieces of lists that were sent, for pieces to come: memory that is new to the process costs as much as copying into it
 * (a list of 63 MB: 21 ms without, 11 ms with it), and has the garbage collector look for what could go.
 */
export class Spares {
  private readonly kept: Buffer[] = []
  private readonly lent = new WeakMap<ArrayBufferLike, Buffer>()

  take(): Buffer {
    const memory = this.kept.pop() ?? Buffer.allocUnsafeSlow(pieceSize)
    this.lent.set(memory.buffer, memory)
    return memory
  }

  /** Nobody looks at the piece any more. One that is in other memory is let go. */
  giveBack(piece: Uint8Array): void {
    const memory = this.lent.get(piece.buffer)
    if (memory && this.lent.delete(memory.buffer) && this.kept.length < 16) this.kept.push(memory)
  }
}

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
  /** Pieces to be sent one after another; made as they are taken, in memory of `spares` where there is some. */
  list(list: ListResult, spares?: Spares): Iterable<Uint8Array>
  frames(kind: Kind, events: readonly Matched[]): Uint8Array
  /** Where a stream's first events say more than those that follow (the columns of tables). */
  firstFrames?(kind: Kind, events: readonly Matched[]): Uint8Array
  bookmark(kind: Kind, revision: number, initialEventsEnd: boolean): Uint8Array
  /** What was made for this answer. */
  value(object: unknown): Uint8Array
  /** An event that closes a watch. */
  error(status: unknown): Uint8Array
}
