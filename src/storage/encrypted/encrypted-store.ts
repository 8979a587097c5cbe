import { type Batch, type Change, Conflict, type Delete, type Entry, type Key, type Put, type Revision, type Store, StoreUnavailable } from '../store'
import { identity, type Plain, type Transformer } from './transformer'

/** Which transformer a key's values go through; the same one for the same resource. */
export type TransformerOf = (key: Key) => Transformer

/** A store whose values rest encrypted. */
export interface EncryptedStore extends Store {
  isStale(key: Key, revision: Revision): boolean
  /** From now on other transformers; also when those that there are write in another form than before. What was written by then is stale. */
  use(transformerOf: TransformerOf): Promise<void>
}

/**
 * Encrypts what goes into a store and decrypts what comes out of it. Everything else is the store's own. Where a transformer has to ask
 * somebody, watchers get their batches when it has answered, in order; a batch that cannot be read ends the watch.
 */
export function encryptedStore(store: Store, transformerOf: TransformerOf): EncryptedStore {
  /** Values of keys that are in here were read in a form that is no longer written. */
  const stale = new Set<Key>()
  let staleUpTo: Revision = 0
  let generation = 0
  /** Drivers that keep what they are given hand it out again: what was written need not be decrypted, and is known by those who wrote it. */
  const written = new WeakMap<Uint8Array, Uint8Array>()

  const note = (key: Key, plain: Plain): Uint8Array => {
    if (plain.stale) stale.add(key)
    return plain.value
  }
  const unreadable = (key: Key, error: unknown): never => {
    throw new StoreUnavailable(`unable to transform key ${JSON.stringify(key)}: ${(error as Error).message}`, { cause: error })
  }

  function read(key: Key, stored: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const known = written.get(stored)
    if (known) return known
    try {
      const plain = transformerOf(key).read(stored, key)
      return plain instanceof Promise ? plain.then((one) => note(key, one), (error: unknown) => unreadable(key, error)) : note(key, plain)
    } catch (error) {
      return unreadable(key, error)
    }
  }

  function entry(one: Entry): Entry | Promise<Entry> {
    const value = read(one.key, one.value)
    return value instanceof Promise ? value.then((plain) => withValue(one, plain)) : value === one.value ? one : withValue(one, value)
  }

  function change(one: Change): Change | Promise<Change> {
    if (!one.value) stale.delete(one.key)
    if (transformerOf(one.key) === identity) {
      // What stood there before is not asked for: a driver may have to read it.
      if (one.value) void read(one.key, one.value)
      return one
    }
    const before = one.before && entry(one.before)
    // In this order: what stands there now decides whether it is stale.
    if (one.value) stale.delete(one.key)
    const value = one.value && read(one.key, one.value)
    if (!(before instanceof Promise) && !(value instanceof Promise)) return before === one.before && value === one.value ? one : changed(one, value, before)
    return Promise.all([before, value]).then(([b, v]) => changed(one, v, b))
  }

  function opened({ through, changes }: Batch): Batch | Promise<Batch> {
    const all = changes.map(change)
    if (all.some((one) => one instanceof Promise)) return Promise.all(all.map(async (one) => one)).then((ready) => ({ through, changes: ready }))
    return { through, changes: all as Change[] }
  }

  function closed(one: Put | Delete): Put | Delete {
    if (!('value' in one)) return one
    const value = transformerOf(one.key).write(one.value, one.key)
    if (value !== one.value) written.set(value, one.value)
    return { ...one, value }
  }

  return {
    current: () => store.current(),
    compact: (before) => store.compact(before),
    async get(key, options) {
      const found = await store.get(key, options)
      return found && entry(found)
    },
    async list(prefix, options) {
      const page = await store.list(prefix, options)
      return { ...page, entries: await Promise.all(page.entries.map(async (one) => entry(one))) }
    },
    async write(changes) {
      let sealed: (Put | Delete)[]
      const sealedIn = generation
      try {
        sealed = changes.map(closed)
      } catch (error) {
        throw new StoreUnavailable(`unable to transform what is to be written: ${(error as Error).message}`, { cause: error })
      }
      try {
        const revision = await store.write(sealed)
        for (const one of changes) {
          if (sealedIn !== generation && 'value' in one) stale.add(one.key)
          else stale.delete(one.key)
        }
        return revision
      } catch (error) {
        if (error instanceof Conflict && error.current) throw new Conflict(error.key, await entry(error.current))
        throw error
      }
    },
    async watch(prefix, { after, signal }, deliver) {
      const failed = new AbortController()
      const either = AbortSignal.any([signal, failed.signal])
      let queue: Promise<void> | undefined
      const passOn = (batch: Batch): void => {
        const plain = queue ? undefined : opened(batch)
        if (plain && !(plain instanceof Promise)) return deliver(plain)
        const mine: Promise<void> = (queue ?? Promise.resolve())
          .then(() => plain ?? opened(batch))
          .then((ready) => {
            if (queue === mine) queue = undefined
            if (!either.aborted) deliver(ready)
          })
          .catch((error: unknown) => failed.abort(error))
        queue = mine
      }
      await store.watch(prefix, { after, signal: either }, passOn)
      await queue
      if (failed.signal.aborted) throw failed.signal.reason
    },
    isStale: (key, revision) => revision <= staleUpTo || stale.has(key),
    async use(next) {
      transformerOf = next
      generation++
      staleUpTo = await store.current()
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const withValue = ({ key, revision, created, version }: Entry, value: Uint8Array): Entry => ({ key, value, revision, created, version })

function changed({ key, revision }: Change, value: Uint8Array | undefined, before: Entry | undefined): Change {
  return { key, revision, ...(value ? { value } : {}), ...(before ? { before } : {}) }
}
