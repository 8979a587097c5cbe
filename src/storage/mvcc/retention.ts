import type { Clock } from '#base/clock'
import type { Revision } from '../store'

/**
 * Has history forgotten once it is older than `keepMs` (and younger than twice that): with every mark the revision of the mark before
 * is compacted. Without writes there is nothing to forget, and no timer.
 */
export class Retention implements Disposable {
  private timer: Disposable | undefined
  private mark: Revision = 0
  private readonly clock: Clock
  private readonly keepMs: number
  private readonly newest: () => Revision
  private readonly compact: (before: Revision) => void

  constructor(clock: Clock, keepMs: number, newest: () => Revision, compact: (before: Revision) => void) {
    this.clock = clock
    this.keepMs = keepMs
    this.newest = newest
    this.compact = compact
  }

  /** Something has been written. */
  wrote(): void {
    if (this.timer) return
    this.mark = this.newest()
    this.timer = this.clock.after(this.keepMs, () => this.fire())
  }

  [Symbol.dispose](): void {
    this.timer?.[Symbol.dispose]()
  }

  private fire(): void {
    this.timer = undefined
    const { mark } = this
    this.compact(mark)
    if (this.newest() > mark) this.wrote()
  }
}
