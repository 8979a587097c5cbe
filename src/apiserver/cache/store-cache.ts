import type { Clock } from '#base/clock'
import { ApiError, internal } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import type { Log } from '#component-base/log'
import { Compacted, type Batch, type Change, type Revision, type Store } from '#storage/store'
import { decodeStored, encodeStored, managedFieldsText, type Parts } from '../encoding/stored-form'
import { markRestsOtherwise, cacheEntry, freeze, type CacheEntry } from './entry'
import type { CacheEvent } from './event-log'
import { ResourceCache } from './resource-cache'
import { splitVersion } from './stored-version'
import { createTick, type Tick } from './tick'

const root = '/registry/'
/** Milliseconds before a store whose watch broke is asked again: meanwhile what is read is what was seen last. */
const retryAfter = 1000
const page = { limit: 10_000, maxBytes: 16 << 20 }

interface Held {
  cache: ResourceCache
  ready: Promise<ResourceCache>
  /** Changes that came while the cache was read in. */
  waiting: Change[] | undefined
  /** Another version of a custom resource: a cache of its own over the same keys. */
  next: Held | undefined
  /** Changes that somebody else converts at the moment, and those behind them. */
  converting: { changes: Change[]; done: Promise<void> } | undefined
}

/** What was read from the store, before it is an entry. */
interface Raw {
  readonly namespace: string
  readonly name: string
  readonly revision: Revision
  readonly value: Uint8Array
}

/** `/registry/core/pods/`, `/registry/apps/deployments/` */
export const prefixOf = ({ group, resource }: { group: string; resource: string }): string => `${root}${group || 'core'}/${resource}/`

/**
 * The cache over a whole store: one watch of everything, dealt out to a `ResourceCache` for each resource. A resource is
 * read in when it is first asked for.
 */
export class StoreCache implements AsyncDisposable {
  private readonly store: Store
  private readonly clock: Clock
  private readonly log: Log
  private readonly caches = new Map<string, Held>()
  /** No longer served: what still asks for one gets a cache that nobody keeps. */
  private readonly forgotten = new WeakSet<Resource>()
  private readonly stop = new AbortController()
  private readonly tick: Tick
  private watching: Promise<void> = Promise.resolve()
  private readonly waiters: { revision: Revision; resolve: () => void }[] = []
  /** Parsed objects of writes on their way, by the bytes that were written: they need not be parsed again. */
  private readonly written = new WeakMap<Uint8Array, { readonly object: KubeObject; readonly parts: Parts | undefined; readonly text: Uint8Array }>()
  /** Everything up to this revision has been seen. */
  through: Revision = 0

  constructor(store: Store, clock: Clock, log: Log) {
    this.store = store
    this.clock = clock
    this.log = log
    this.tick = createTick(clock, () => this.through, this.stop.signal)
  }

  async start(): Promise<void> {
    this.through = await this.store.current()
    this.watching = this.follow()
  }

  private async follow(): Promise<void> {
    while (!this.stop.signal.aborted) {
      try {
        await this.store.watch(root, { after: this.through, signal: this.stop.signal }, (batch) => this.receive(batch))
      } catch (error) {
        if (this.stop.signal.aborted) return
        this.log.error('store watch ended', { error })
        if (error instanceof Compacted) await this.startAgain()
        else await this.clock.sleep(retryAfter, this.stop.signal).catch(() => {})
      }
    }
  }

  /** The history between what was seen and what the store keeps is lost: watchers must list again. */
  private async startAgain(): Promise<void> {
    const old = [...this.held()]
    this.caches.clear()
    this.through = await this.store.current()
    for (const { cache } of old) cache.endAll(new ApiError(410, 'Expired', 'The resourceVersion for the provided watch is too old.'))
  }

  /** Remembers what bytes stand for until the store hands them back. */
  remember(bytes: Uint8Array, object: KubeObject, parts?: Parts, text = bytes): void {
    this.written.set(bytes, { object, parts, text })
  }

  private receive(batch: Batch): void {
    for (const change of batch.changes) this.apply(change)
    this.through = batch.through
    if (this.waiters.length === 0) return
    for (let i = this.waiters.length - 1; i >= 0; i--) {
      const waiter = this.waiters[i]!
      if (waiter.revision > batch.through) continue
      this.waiters.splice(i, 1)
      waiter.resolve()
    }
  }

  private apply(change: Change): void {
    const { key } = change
    const end = key.indexOf('/', key.indexOf('/', root.length) + 1) + 1
    for (let held = this.caches.get(key.slice(0, end)); held; held = held.next) {
      if (held.waiting) held.waiting.push(change)
      else this.applyTo(held, change, end)
    }
    // From here on whoever wants to keep the object does: the bytes do not hold it.
    if (change.value) this.written.delete(change.value)
  }

  private applyTo(held: Held, change: Change, end: number): void {
    if (held.converting) return void held.converting.changes.push(change)
    const { cache } = held
    const { key, value, revision } = change
    const { namespace, name } = placeOf(cache.resource, key, end)
    if (!value) return cache.delete(namespace, name, revision)
    const written = this.written.get(value)
    const { resource } = cache
    const object = written?.object
    if (object && (!resource.customResource || object.apiVersion === resource.apiVersion)) {
      object.metadata.resourceVersion = String(revision)
      freeze(object)
      cache.put(cacheEntry(namespace, name, revision, written!.text, object, written!.parts))
    } else {
      const entries = entriesOf(resource, [{ namespace, name, revision, value }])
      if (entries instanceof Promise) this.convert(held, revision, end, entries)
      else cache.put(entries[0]!)
    }
  }

  /** While a change is converted elsewhere, those behind it wait, and so does whoever asks for the cache. */
  private convert(held: Held, revision: Revision, end: number, first: Promise<CacheEntry[]>): void {
    const { cache } = held
    const changes: Change[] = []
    const run = async (): Promise<void> => {
      for (const entry of await first) cache.put(entry)
      while (changes.length > 0) {
        const batch = changes.splice(0)
        const made = await entriesOf(cache.resource, batch.filter(({ value }) => value).map(({ key, value, revision }) => ({ ...placeOf(cache.resource, key, end), revision, value: value! })))
        for (const { key, value, revision } of batch) {
          const { namespace, name } = placeOf(cache.resource, key, end)
          if (value) cache.put(made.shift()!)
          else cache.delete(namespace, name, revision)
        }
      }
      held.converting = undefined
      cache.limit = Infinity
    }
    cache.limit = revision - 1
    const done = run()
    held.converting = { changes, done }
    done.catch((error: unknown) => {
      // Whoever asks next reads everything in anew, and hears himself what is wrong.
      this.drop(cache.resource)
      cache.endAll(error instanceof ApiError ? error : internal(error))
    })
  }

  /** One object as it was read from the store. */
  entryAt(resource: Resource, namespace: string, name: string, revision: Revision, value: Uint8Array): CacheEntry | Promise<CacheEntry> {
    const entries = entriesOf(resource, [{ namespace, name, revision, value }])
    return entries instanceof Promise ? entries.then((made) => made[0]!) : entries[0]!
  }

  /** Ready at once, or soon. */
  of(resource: Resource): ResourceCache | Promise<ResourceCache> {
    let held = this.caches.get(prefixOf(resource))
    while (held && held.cache.resource !== resource && resource.customResource) held = held.next
    if (held?.converting) {
      const { cache, converting } = held
      return converting.done.then(() => cache)
    }
    if (held) return held.waiting ? held.ready : held.cache
    return this.load(resource)
  }

  private load(resource: Resource): Promise<ResourceCache> {
    const prefix = prefixOf(resource)
    const fill = async (): Promise<ResourceCache> => {
      let after: string | undefined
      let at: Revision | undefined
      let cache: ResourceCache | undefined
      do {
        const read = await this.store.list(prefix, { ...page, ...(after === undefined ? {} : { after }), ...(at === undefined ? {} : { at }) })
        at ??= read.revision
        cache ??= held.cache = new ResourceCache(resource, at, this.tick)
        const entries = entriesOf(resource, read.entries.map(({ key, value, revision }) => ({ ...placeOf(resource, key, prefix.length), revision, value })))
        for (const entry of entries instanceof Promise ? await entries : entries) cache.load(entry)
        after = read.more ? read.entries.at(-1)!.key : undefined
      } while (after !== undefined)
      const waiting = held.waiting!
      held.waiting = undefined
      for (const change of waiting) if (change.revision > at) this.applyTo(held, change, prefix.length)
      await held.converting?.done
      return cache
    }
    const held: Held = { cache: new ResourceCache(resource, 0, this.tick), ready: undefined as unknown as Promise<ResourceCache>, waiting: [], next: undefined, converting: undefined }
    held.ready = fill()
    if (this.forgotten.has(resource)) return held.ready
    held.next = this.caches.get(prefix)
    this.caches.set(prefix, held)
    held.ready.catch(() => this.drop(resource))
    return held.ready
  }

  /** Forgets a resource that is no longer served and ends its watches. */
  forget(resource: Resource): void {
    this.forgotten.add(resource)
    this.drop(resource)?.cache.endAll()
  }

  private drop(resource: Resource): Held | undefined {
    const prefix = prefixOf(resource)
    let before: Held | undefined
    for (let held = this.caches.get(prefix); held; before = held, held = held.next) {
      if (held.cache.resource !== resource) continue
      if (before) before.next = held.next
      else if (held.next) this.caches.set(prefix, held.next)
      else this.caches.delete(prefix)
      return held
    }
    return undefined
  }

  private *held(): Iterable<Held> {
    for (const held of this.caches.values()) {
      for (let one: Held | undefined = held; one; one = one.next) yield one
    }
  }

  /** Resolves once everything up to a revision has been seen; false after `ms`. */
  async seen(revision: Revision, clock: Clock, ms: number): Promise<boolean> {
    if (this.through >= revision) return true
    return new Promise((resolve) => {
      const waiter = { revision, resolve: () => {
        timer[Symbol.dispose]()
        resolve(true)
      } }
      const timer = clock.after(ms, () => {
        const at = this.waiters.indexOf(waiter)
        if (at >= 0) this.waiters.splice(at, 1)
        resolve(false)
      })
      this.waiters.push(waiter)
    })
  }

  /** Changes of one resource between a revision and what the cache's log still has. Throws `Compacted`. */
  async history(resource: Resource, after: Revision, until: Revision): Promise<CacheEvent[]> {
    const prefix = prefixOf(resource)
    const changes: Change[] = []
    const stop = new AbortController()
    await this.store.watch(prefix, { after, signal: stop.signal }, (batch) => {
      if (stop.signal.aborted) return
      for (const change of batch.changes) if (change.revision <= until) changes.push(change)
      if (batch.through >= until) stop.abort()
    })
    return eventsOf(resource, prefix, changes)
  }

  /** The cache of a resource that has been read in. */
  known(group: string, resource: string): ResourceCache | undefined {
    const held = this.caches.get(prefixOf({ group, resource }))
    return held && !held.waiting ? held.cache : undefined
  }

  *all(): Iterable<ResourceCache> {
    for (const { cache, waiting } of this.held()) if (!waiting) yield cache
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort()
    for (const cache of this.all()) cache.endAll()
    await this.watching
  }
}

async function eventsOf(resource: Resource, prefix: string, changes: readonly Change[]): Promise<CacheEvent[]> {
  const raws = changes.flatMap(({ key, revision, value, before }): Raw[] => {
    const place = placeOf(resource, key, prefix.length)
    return [{ ...place, revision, value: value ?? before!.value }, ...(before ? [{ ...place, revision: before.revision, value: before.value }] : [])]
  })
  const entries = await entriesOf(resource, raws)
  let at = 0
  return changes.map(({ revision, value, before }) => ({ revision, entry: entries[at++]!, before: before && entries[at++]!, deleted: !value }))
}

/** The namespace and name behind a resource's prefix, which is `end` long. */
function placeOf(resource: Resource, key: string, end: number): { namespace: string; name: string } {
  const slash = resource.namespaced ? key.indexOf('/', end) : -1
  return { namespace: slash < 0 ? '' : key.slice(end, slash), name: key.slice(slash < 0 ? end : slash + 1) }
}

/** Custom resources may rest as an older definition or another version left them: what they are now is what everybody sees. */
function entriesOf(resource: Resource, raws: readonly Raw[]): CacheEntry[] | Promise<CacheEntry[]> {
  const { customResource } = resource
  if (!customResource) return raws.map(({ namespace, name, revision, value }) => cacheEntry(namespace, name, revision, value))
  const texts: Uint8Array[] = []
  const rested = raws.map(({ revision, value }) => {
    const { text, version } = splitVersion(value)
    texts.push(text)
    return { object: decodeStored(resource, text, revision, false), version }
  })
  const finish = (objects: readonly KubeObject[]): CacheEntry[] => raws.map(({ namespace, name, revision }, i) => {
    const fresh = encodeStored(objects[i]!, managedFieldsText(texts[i]!))
    const same = Buffer.compare(fresh, texts[i]!) === 0
    const entry = cacheEntry(namespace, name, revision, same ? texts[i]! : fresh)
    // In another version it may well look otherwise.
    const { version } = rested[i]!
    return version === customResource.storedVersion && (same || version !== resource.version) ? entry : markRestsOtherwise(entry)
  })
  const made = customResource.fromStored(rested as never)
  return made instanceof Promise ? made.then(finish) : finish(made)
}
