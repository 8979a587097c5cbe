import type { Version } from '../mvcc/version'

/** What a buffer costs beside its bytes. */
const overhead = 256

/** Keeps the values that were written last in memory, up to a number of bytes; the others are read from disk when they are asked for. */
export class RecentValues {
  private queue: Version[] = []
  private start = 0
  private bytes = 0
  private readonly cap: number

  constructor(cap: number) {
    this.cap = cap
  }

  add(versions: readonly Version[]): void {
    for (const version of versions) {
      if (!version.value) continue
      this.queue.push(version)
      this.bytes += version.size + overhead
    }
    while (this.bytes > this.cap) {
      const version = this.queue[this.start++]!
      this.bytes -= version.size + overhead
      version.value = undefined
    }
    if (this.start > 1024 && this.start * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.start)
      this.start = 0
    }
  }
}
