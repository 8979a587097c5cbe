import type { Clock } from '#base/clock'
import type { Key, Revision } from '../store'
import type { Version } from './version'

export type Expired = { readonly key: Key; readonly revision: Revision }
type Waiting = Expired & { readonly due: number }

/** Deadlines are met to the second, so that many keys written together leave together and one timer serves them. */
const grain = 1000

/** Calls back with the keys whose time is over, by the wall clock. A key that was written again meanwhile is named all the same. */
export class Expiry implements Disposable {
  private readonly heap: Waiting[] = []
  private timer: { due: number; handle: Disposable } | undefined
  private readonly clock: Clock
  private readonly onExpired: (expired: Expired[]) => void

  constructor(clock: Clock, onExpired: (expired: Expired[]) => void) {
    this.clock = clock
    this.onExpired = onExpired
  }

  add({ key, revision, expires }: Version): void {
    this.push({ key, revision, due: Math.ceil(expires / grain) * grain })
    this.schedule()
  }

  /** Names a key again later: its deletion could not be written. */
  retry({ key, revision }: Expired, afterMs: number): void {
    this.push({ key, revision, due: this.clock.now() + afterMs })
    this.schedule()
  }

  [Symbol.dispose](): void {
    this.timer?.handle[Symbol.dispose]()
    this.heap.length = 0
  }

  private schedule(): void {
    const first = this.heap[0]
    if (!first || (this.timer && this.timer.due <= first.due)) return
    this.timer?.handle[Symbol.dispose]()
    const handle = this.clock.after(first.due - this.clock.now(), () => this.fire())
    this.timer = { due: first.due, handle }
  }

  private fire(): void {
    this.timer = undefined
    const now = this.clock.now()
    const expired: Expired[] = []
    while (this.heap.length > 0 && this.heap[0]!.due <= now) expired.push(this.pop())
    this.schedule()
    if (expired.length > 0) this.onExpired(expired)
  }

  private push(waiting: Waiting): void {
    const { heap } = this
    let at = heap.length
    heap.push(waiting)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]!.due <= waiting.due) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = waiting
  }

  private pop(): Waiting {
    const { heap } = this
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.due < heap[child]!.due) child++
      if (heap[child]!.due >= last.due) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}
