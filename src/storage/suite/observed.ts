import assert from 'node:assert/strict'
import { Compacted, Conflict } from '../store'
import type { Batch, Change, Entry, Key, Page, Revision, Store } from '../store'
import type { OpenedStore, StoreUnderTest } from '../suite'

/** Defines one test on a store of its own. */
export type Check = (name: string, run: (store: Store, opened: OpenedStore) => Promise<void>) => void
export type Cases = (check: Check, driver: StoreUnderTest) => void

export const everything = { limit: Infinity, maxBytes: Infinity }

export const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
export const text = (value: Uint8Array): string => Buffer.from(value).toString()
export const keysOf = ({ entries }: Page): Key[] => entries.map(({ key }) => key)
export const asConflict = (error: unknown): Conflict => {
  if (error instanceof Conflict) return error
  throw error
}

export const create = (store: Store, key: Key, value: string): Promise<Revision> =>
  store.write([{ key, value: bytes(value), expect: 'absent' }])
export const update = (store: Store, key: Key, expect: Revision, value: string): Promise<Revision> =>
  store.write([{ key, value: bytes(value), expect }])

/** Entries and changes with their values as text: drivers may hand out any kind of Uint8Array. */
export type PlainEntry = Omit<Entry, 'value'> & { value: string }
export type PlainChange = { key: Key; revision: Revision; value: string | undefined; before: PlainEntry | undefined }

export const entry = (key: Key, value: string, revision: Revision, created: Revision, version: number): PlainEntry => ({
  key,
  value,
  revision,
  created,
  version,
})
export const plain = ({ key, value, revision, created, version }: Entry): PlainEntry => entry(key, text(value), revision, created, version)
export const plainChange = ({ key, revision, value, before }: Change): PlainChange => ({
  key,
  revision,
  value: value && text(value),
  before: before && plain(before),
})

export async function read(store: Store, key: Key, options?: { at: Revision }): Promise<PlainEntry | undefined> {
  const got = await store.get(key, options)
  return got && plain(got)
}

export async function conflicts(write: Promise<Revision>, key: Key, current: PlainEntry | undefined): Promise<void> {
  const conflict = await write.then(() => assert.fail('the write was not refused'), asConflict)
  assert.deepEqual([conflict.key, conflict.current && plain(conflict.current)], [key, current])
}

export const compacted = (read: Promise<unknown>): Promise<void> =>
  assert.rejects(read, (error) => error instanceof Compacted && error.oldest > 0)

/** A watch that notes what it is given; disposing it ends it and throws what it failed with. */
export function watching(store: Store, prefix: Key, after: Revision) {
  const abort = new AbortController()
  const batches: Batch[] = []
  const seen: PlainChange[] = []
  let heard = (): void => {}
  const watch = store.watch(prefix, { after, signal: abort.signal }, (batch) => {
    batches.push(batch)
    for (const change of batch.changes) seen.push(plainChange(change))
    heard()
  })
  const failed = watch.then(() => assert.fail('the watch has ended'))
  failed.catch(() => {})
  return {
    batches,
    seen,
    /** Resolves once that many changes have come. */
    async changes(count: number): Promise<void> {
      while (seen.length < count) await Promise.race([failed, new Promise<void>((resolve) => (heard = resolve))])
      assert.equal(seen.length, count)
    },
    async [Symbol.asyncDispose](): Promise<void> {
      abort.abort()
      await watch
    },
  }
}
