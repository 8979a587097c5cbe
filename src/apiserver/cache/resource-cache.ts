import { ApiError, expired } from '#apimachinery/api-error'
import type { Resource } from '#apimachinery/resource'
import { atRevision, type CacheEntry } from './entry'
import { EventLog, type CacheEvent } from './event-log'
import { asAdded, Feed, match, type Member } from './feed'
import { indexOfFilter, type Filter } from './filter'
import { SortedEntries } from './sorted-entries'
import type { Tick } from './tick'
import { indexName, ValueIndex, valueReader } from './value-index'
import type { Matched, OpenWatch, WatchSink } from './watcher'

export interface WatchFrom {
  /** Deliver everything after this revision; undefined: from the present on. */
  readonly after: number | undefined
  /** Begin with the present state as ADDED events. */
  readonly initial: boolean
  /** Close the initial events with their bookmark. */
  readonly initialBookmark: boolean
  readonly bookmarks: boolean
}

/** All objects of one resource as the store has them, the latest changes, and who is watching. */
export class ResourceCache {
  readonly resource: Resource
  private readonly tick: Tick
  private readonly namespaces = new Map<string, SortedEntries>()
  private readonly indexes = new Map<string, ValueIndex>()
  private readonly feeds = new Map<string, Feed>()
  /** Feeds that every event must be shown to, and those whose filter has an equality, by index and value. */
  private readonly broad = new Set<Feed>()
  private readonly narrow = new Map<string, { read: (entry: CacheEntry) => string | undefined; feeds: Map<string, Set<Feed>> }>()
  readonly log: EventLog
  count = 0
  /** Nobody is told to be further than this: something older is still on its way. */
  limit = Infinity
  /** The revision of the newest change of this resource. */
  newest: number

  constructor(resource: Resource, since: number, tick: Tick) {
    this.resource = resource
    this.tick = tick
    this.log = new EventLog(since)
    this.newest = since
  }

  /** Fills the cache: no event is made of it. */
  load(entry: CacheEntry): void {
    this.store(entry)
  }

  get(namespace: string, name: string): CacheEntry | undefined {
    return this.namespaces.get(namespace)?.byName.get(name)
  }

  put(entry: CacheEntry): void {
    const before = this.store(entry)
    this.newest = entry.revision
    this.announce({ revision: entry.revision, entry, before, deleted: false })
  }

  delete(namespace: string, name: string, revision: number): void {
    const entries = this.namespaces.get(namespace)
    const before = entries?.delete(name)
    if (!entries || !before) return
    if (entries.byName.size === 0) this.namespaces.delete(namespace)
    this.count--
    for (const index of this.indexes.values()) index.change(undefined, before)
    this.newest = revision
    this.announce({ revision, entry: atRevision(before, revision), before, deleted: true })
  }

  private store(entry: CacheEntry): CacheEntry | undefined {
    let entries = this.namespaces.get(entry.namespace)
    if (!entries) this.namespaces.set(entry.namespace, (entries = new SortedEntries()))
    const before = entries.put(entry)
    if (!before) this.count++
    for (const index of this.indexes.values()) index.change(entry, before)
    return before
  }

  /** In the order of the store's keys. The result is not touched by later changes. */
  select(filter: Filter): CacheEntry[] {
    const { namespace, name, matches } = filter
    if (name !== undefined && namespace !== '') {
      const entry = this.get(namespace, name)
      return entry && (!matches || matches(entry)) ? [entry] : []
    }
    const found = filter.equality ? this.byIndex(filter) : this.inNamespace(namespace)
    return matches ? found.filter(matches) : found
  }

  private inNamespace(namespace: string): CacheEntry[] {
    if (namespace !== '' || !this.resource.namespaced) return this.namespaces.get(namespace)?.sorted.slice() ?? []
    const all: CacheEntry[] = []
    for (const key of [...this.namespaces.keys()].sort(byKey)) {
      for (const entry of this.namespaces.get(key)!.sorted) all.push(entry)
    }
    return all
  }

  private byIndex({ equality, namespace }: Filter): CacheEntry[] {
    const name = indexName(equality!)
    let index = this.indexes.get(name)
    if (!index) {
      index = new ValueIndex(valueReader(this.resource, equality!))
      for (const entries of this.namespaces.values()) for (const entry of entries.sorted) index.change(entry, undefined)
      this.indexes.set(name, index)
    }
    const found: CacheEntry[] = []
    for (const entry of index.get(equality!.value)) if (namespace === '' || entry.namespace === namespace) found.push(entry)
    return found.sort(inKeyOrder)
  }

  private announce(event: CacheEvent): void {
    const place = this.log.end
    this.log.push(event)
    if (this.feeds.size === 0) return
    for (const feed of this.broad) if (feed.offer(event, place)) this.tick.add(feed)
    for (const { read, feeds } of this.narrow.values()) {
      const now = read(event.entry)
      const then = event.before && read(event.before)
      if (now !== undefined) this.offerAll(feeds.get(now), event, place)
      if (then !== undefined && then !== now) this.offerAll(feeds.get(then), event, place)
    }
  }

  private offerAll(feeds: Set<Feed> | undefined, event: CacheEvent, place: number): void {
    if (feeds) for (const feed of feeds) if (feed.offer(event, place)) this.tick.add(feed)
  }

  /** `present` names the revision that the cache stands for (progress without changes included). `history`: events before the log. */
  watch(filter: Filter, from: WatchFrom, present: number, sink: WatchSink, history: readonly CacheEvent[] = []): OpenWatch {
    const feed = this.feedFor(filter, sink.form)
    feed.flush()
    const member: Member = { sink, bookmarks: from.bookmarks, behind: undefined, after: from.after ?? 0 }
    const end = this.log.end
    if (from.initial) {
      const events: Matched[] = asAdded(this.select(filter))
      if (events.length > 0 && !sink.events({ events, made: undefined })) member.behind = end
      if (from.initialBookmark) sink.bookmark(Math.min(present, this.limit), true)
      member.after = 0
    } else if (from.after !== undefined) {
      const place = this.log.placeAfter(from.after)
      if (history.length > 0) replay(feed, member, history)
      if (member.behind === undefined) feed.catchUp(member, place)
      else member.behind = place
    }
    feed.members.add(member)
    if (from.bookmarks) this.tick.bookmarks(this)
    return {
      resume: () => {
        if (member.behind === undefined || feed.catchUp(member, member.behind)) return
        feed.members.delete(member)
        sink.end(expired(`too old resource version: ${member.after} (${this.log.since})`))
      },
      bookmark: (present) => {
        feed.flush()
        if (member.behind === undefined) sink.bookmark(Math.min(present, this.limit), false)
      },
      close: () => this.leave(feed, member),
    }
  }

  private feedFor(filter: Filter, form: string): Feed {
    const key = `${form}\n${filter.key}`
    const known = this.feeds.get(key)
    if (known) return known
    const feed = new Feed(key, this.resource, filter, this.log)
    this.feeds.set(key, feed)
    const index = indexOfFilter(filter)
    if (!index) this.broad.add(feed)
    else {
      let narrow = this.narrow.get(index)
      if (!narrow) this.narrow.set(index, (narrow = { read: valueReader(this.resource, filter.equality!), feeds: new Map() }))
      const set = narrow.feeds.get(filter.equality!.value)
      if (set) set.add(feed)
      else narrow.feeds.set(filter.equality!.value, new Set([feed]))
    }
    return feed
  }

  private leave(feed: Feed, member: Member): void {
    feed.members.delete(member)
    if (feed.members.size > 0 || this.feeds.get(feed.key) !== feed) return
    this.feeds.delete(feed.key)
    this.broad.delete(feed)
    const index = indexOfFilter(feed.filter)
    if (!index) return
    const narrow = this.narrow.get(index)
    const set = narrow?.feeds.get(feed.filter.equality!.value)
    if (set?.delete(feed) && set.size === 0) narrow!.feeds.delete(feed.filter.equality!.value)
    if (narrow?.feeds.size === 0) this.narrow.delete(index)
  }

  /** Bytes of an object as it rests, about: the mean of a few. */
  get averageSize(): number {
    let count = 0
    let bytes = 0
    for (const { sorted } of this.namespaces.values()) {
      bytes += sorted[0]?.bytes.length ?? 0
      if (++count === 5) break
    }
    return count === 0 ? 0 : bytes / count
  }

  get watchers(): number {
    let count = 0
    for (const feed of this.feeds.values()) count += feed.members.size
    return count
  }

  /** Tells everybody who asked for bookmarks, and has nothing pending, how far they are. Returns whether anybody did. */
  bookmark(present: number): boolean {
    let asked = false
    for (const feed of this.feeds.values()) {
      feed.flush()
      for (const member of feed.members) {
        asked ||= member.bookmarks
        if (member.bookmarks && member.behind === undefined) member.sink.bookmark(Math.min(present, this.limit), false)
      }
    }
    return asked
  }

  /** Ends every watch. */
  endAll(error?: ApiError): void {
    for (const feed of this.feeds.values()) {
      for (const member of feed.members) {
        this.leave(feed, member)
        member.sink.end(error)
      }
    }
  }
}

function replay(feed: Feed, member: Member, history: readonly CacheEvent[]): void {
  const events = history.map((event) => match(feed.filter, event)).filter((matched) => matched !== undefined)
  if (events.length > 0 && !member.sink.events({ events, made: undefined })) member.behind = 0
}

/** Store keys end a namespace with "/", which sorts before every letter but behind "-" and ".". */
function byKey(a: string, b: string): number {
  const [left, right] = [`${a}/`, `${b}/`]
  return left < right ? -1 : left > right ? 1 : 0
}

function inKeyOrder(a: CacheEntry, b: CacheEntry): number {
  if (a.namespace !== b.namespace) return byKey(a.namespace, b.namespace)
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
