import type { Version } from './version'

/** Where a key's versions hang: the newest first. `bytes` is the key's byte string. */
export type Slot = { readonly bytes: string; head: Version }

/** Small enough that an insertion moves little, large enough that few chunks are searched. */
const largestChunk = 512

/** Slots in byte order: sorted chunks, so that an insertion moves a chunk's tail and a scan runs over plain arrays. */
export class OrderedSlots {
  private readonly chunks: Slot[][] = [[]]

  insert(slot: Slot): void {
    const at = this.chunkOf(slot.bytes)
    const chunk = this.chunks[at]!
    chunk.splice(lowerBound(chunk, slot.bytes), 0, slot)
    if (chunk.length <= largestChunk) return
    // A key behind all others is the common case of keys that count up: leave the full chunk as it is and start another.
    const keep = at === this.chunks.length - 1 && chunk.at(-1) === slot ? largestChunk : chunk.length >> 1
    this.chunks.splice(at + 1, 0, chunk.splice(keep))
  }

  remove(slot: Slot): void {
    const at = this.chunkOf(slot.bytes)
    const chunk = this.chunks[at]!
    chunk.splice(lowerBound(chunk, slot.bytes), 1)
    if (chunk.length === 0 && this.chunks.length > 1) this.chunks.splice(at, 1)
  }

  /** Visits the slots from a byte string on, in order, until `visit` returns false. */
  scan(from: string, visit: (slot: Slot) => boolean): void {
    let at = this.chunkOf(from)
    let index = lowerBound(this.chunks[at]!, from)
    for (; at < this.chunks.length; at++, index = 0) {
      const chunk = this.chunks[at]!
      for (; index < chunk.length; index++) if (!visit(chunk[index]!)) return
    }
  }

  /** The first chunk whose last slot is not below `bytes`, else the last one. */
  private chunkOf(bytes: string): number {
    let low = 0
    let high = this.chunks.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.chunks[middle]!.at(-1)!.bytes < bytes) low = middle + 1
      else high = middle
    }
    return low
  }
}

function lowerBound(chunk: readonly Slot[], bytes: string): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (chunk[middle]!.bytes < bytes) low = middle + 1
    else high = middle
  }
  return low
}
