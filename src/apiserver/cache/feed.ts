import type { Resource } from '#apimachinery/resource'
import { atRevision, type CacheEntry } from './entry'
import type { CacheEvent, EventLog } from './event-log'
import type { Filter } from './filter'
import type { EventBatch, Matched, WatchSink } from './watcher'

/** What one filter makes of an event. */
export function match(filter: Filter, event: CacheEvent): Matched | undefined {
  const { entry, before, deleted } = event
  if (filter.namespace !== '' && entry.namespace !== filter.namespace) return undefined
  if (!filter.matches) return { type: deleted ? 'DELETED' : before ? 'MODIFIED' : 'ADDED', entry }
  const now = !deleted && filter.matches(entry)
  const then = before !== undefined && filter.matches(before)
  if (now) return { type: then ? 'MODIFIED' : 'ADDED', entry }
  if (!then) return undefined
  return { type: 'DELETED', entry: deleted ? entry : atRevision(before, entry.revision) }
}

export interface Member {
  readonly sink: WatchSink
  readonly bookmarks: boolean
  /** Place in the log of the first event that was not handed over, while the sink is full. */
  behind: number | undefined
  /** Events up to this revision are not wanted. */
  after: number
}

/** All watchers of one filter and one form: what is made for one is shared by all. */
export class Feed {
  readonly key: string
  readonly filter: Filter
  readonly resource: Resource
  readonly members = new Set<Member>()
  private readonly log: EventLog
  /** Matched since the last flush, and the log's place of the first of them. */
  private pending: Matched[] = []
  private pendingFrom = 0

  constructor(key: string, resource: Resource, filter: Filter, log: EventLog) {
    this.key = key
    this.resource = resource
    this.filter = filter
    this.log = log
  }

  /** Returns whether there is now something to flush. */
  offer(event: CacheEvent, place: number): boolean {
    const matched = match(this.filter, event)
    if (!matched) return false
    if (this.pending.length === 0) this.pendingFrom = place
    this.pending.push(matched)
    return true
  }

  flush(): void {
    if (this.pending.length === 0) return
    const batch: EventBatch = { events: this.pending, made: undefined }
    const first = batch.events[0]!.entry.revision
    const from = this.pendingFrom
    this.pending = []
    const end = this.log.end
    for (const member of this.members) {
      if (member.behind !== undefined) continue
      if (member.after >= first) this.catchUp(member, from)
      else if (!member.sink.events(batch)) member.behind = end
    }
  }

  /** Hands over everything from a place on. False: the place is forgotten. */
  catchUp(member: Member, from: number): boolean {
    if (from < this.log.start) return false
    member.behind = undefined
    const events: Matched[] = []
    const end = this.log.end
    for (let place = from; place < end; place++) {
      const event = this.log.at(place)
      if (event.revision <= member.after) continue
      const matched = match(this.filter, event)
      if (matched) events.push(matched)
    }
    if (events.length > 0 && !member.sink.events({ events, made: undefined })) member.behind = end
    return true
  }
}

/** The state of things as events, for watches that start without a history. */
export function asAdded(entries: Iterable<CacheEntry>): Matched[] {
  const events: Matched[] = []
  for (const entry of entries) events.push({ type: 'ADDED', entry })
  return events
}
