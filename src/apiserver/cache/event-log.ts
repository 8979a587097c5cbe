import type { CacheEntry } from './entry'

/** A change of one object. Deleted: `entry` is its last form under the deletion's revision, and `deleted` is true. */
export interface CacheEvent {
  readonly revision: number
  readonly entry: CacheEntry
  readonly before: CacheEntry | undefined
  readonly deleted: boolean
}

/** What superseded values may weigh in one log before the oldest events are forgotten. */
const maxBytes = 16 << 20
const maxEvents = 100_000

/**
 * The latest changes of one resource. Watchers keep their place in it (a number that only grows), so a slow watcher costs
 * no memory of its own; when its place is forgotten, it has to list again.
 */
export class EventLog {
  private events: CacheEvent[] = []
  private first = 0
  private bytes = 0
  /** Events after this revision are all here. */
  since: number

  constructor(since: number) {
    this.since = since
  }

  /** The place behind the newest event. */
  get end(): number {
    return this.first + this.events.length
  }
  get start(): number {
    return this.first
  }
  at(place: number): CacheEvent {
    return this.events[place - this.first]!
  }

  push(event: CacheEvent): void {
    this.events.push(event)
    this.bytes += weight(event)
    // A quarter at once, so that forgetting costs little per event.
    if (this.bytes > maxBytes || this.events.length > maxEvents) this.forget(maxBytes - (maxBytes >> 2))
  }

  private forget(target: number): void {
    let count = 0
    const floor = maxEvents - (maxEvents >> 2)
    while (count < this.events.length && (this.bytes > target || this.events.length - count > floor)) {
      const event = this.events[count]!
      this.bytes -= weight(event)
      this.since = event.revision
      count++
    }
    // Changes of one revision stay together.
    while (count < this.events.length && this.events[count]!.revision === this.since) this.bytes -= weight(this.events[count++]!)
    this.first += count
    this.events = this.events.slice(count)
  }

  /** The place of the first event after a revision, which must not be older than `since`. */
  placeAfter(revision: number): number {
    let low = 0
    let high = this.events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.events[middle]!.revision <= revision) low = middle + 1
      else high = middle
    }
    return this.first + low
  }
}

const weight = (event: CacheEvent): number => 200 + (event.before?.bytes.byteLength ?? 0)
