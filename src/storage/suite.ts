import assert from 'node:assert/strict'
import { Compacted, Conflict, FutureRevision } from './store'
import type { Batch, Change, Entry, Key, Page, Put, Revision, Store } from './store'

/** What the suite needs to know of a driver. `open` gives an empty store; the suite disposes it. */
export type StoreUnderTest = {
  open(): Promise<OpenedStore>
  /** Changes reach watchers before their writer is answered, and a quiet watch hears of every write. */
  embedded: boolean
  /** Pages say how many entries follow. */
  knowsRemaining: boolean
}
/** `elapse` lets time pass for the store, or waits until it has. */
export type OpenedStore = { store: Store; elapse: (ms: number) => Promise<void> }
/** Vitest's `test`, or anything of its shape. */
export type DefineTest = (name: string, run: () => Promise<void>) => unknown

const everything = { limit: Infinity, maxBytes: Infinity }

/** The contract of `Store`, as tests of one driver. Independent of any test runner, so that every runtime can run it. */
export function storeSuite(test: DefineTest, driver: StoreUnderTest): void {
  const check = (name: string, run: (store: Store, opened: OpenedStore) => Promise<void>): void => {
    test(name, async () => {
      const opened = await driver.open()
      try {
        await run(opened.store, opened)
      } finally {
        await opened.store[Symbol.asyncDispose]()
      }
    })
  }

  check('an empty store has nothing, at a revision above zero', async (store) => {
    assert.ok((await store.current()) >= 1)
    assert.equal(await store.get('/registry/pods/default/web'), undefined)
    const page = await store.list('/registry/', everything)
    assert.deepEqual([page.entries, page.more], [[], false])
  })

  check('what has been written can be read, with its revision', async (store) => {
    const revision = await create(store, '/a', 'one')
    assert.deepEqual(await read(store, '/a'), entry('/a', 'one', revision, revision, 1))
    assert.ok((await store.current()) >= revision)
  })

  check('an update keeps when the key was created and counts its versions', async (store) => {
    const created = await create(store, '/a', 'one')
    const second = await update(store, '/a', created, 'two')
    const third = await update(store, '/a', second, 'three')
    assert.ok(created < second && second < third)
    assert.deepEqual(await read(store, '/a'), entry('/a', 'three', third, created, 3))
  })

  check('a key that was deleted starts anew', async (store) => {
    const first = await create(store, '/a', 'one')
    const deleted = await store.write([{ key: '/a', expect: first }])
    assert.ok(deleted > first)
    assert.equal(await store.get('/a'), undefined)
    const again = await create(store, '/a', 'two')
    assert.deepEqual(await read(store, '/a'), entry('/a', 'two', again, again, 1))
  })

  check('values are bytes: empty ones, zeros and long ones come back as they were', async (store) => {
    for (const [i, value] of [new Uint8Array(), new Uint8Array([0, 255, 0, 128]), new Uint8Array(1_000_000).fill(7)].entries()) {
      await store.write([{ key: `/bytes/${i}`, value, expect: 'absent' }])
      const got = await store.get(`/bytes/${i}`)
      assert.ok(got && Buffer.compare(got.value, value) === 0, `value ${i}`)
    }
  })

  check('a conflict carries the entry that stands there', async (store) => {
    const first = await create(store, '/a', 'one')
    const second = await update(store, '/a', first, 'two')
    const standing = entry('/a', 'two', second, first, 2)
    await conflicts(store.write([{ key: '/a', value: bytes('x'), expect: 'absent' }]), '/a', standing)
    await conflicts(store.write([{ key: '/a', value: bytes('x'), expect: first }]), '/a', standing)
    await conflicts(store.write([{ key: '/a', expect: first }]), '/a', standing)
    await conflicts(store.write([{ key: '/b', value: bytes('x'), expect: first }]), '/b', undefined)
    await conflicts(store.write([{ key: '/b', expect: first }]), '/b', undefined)
    assert.deepEqual(await read(store, '/a'), standing)
    assert.equal(await store.get('/b'), undefined)
  })

  check('a write of several keys happens whole or not at all, under one revision', async (store) => {
    const a = await create(store, '/a', 'one')
    const b = await create(store, '/b', 'one')
    const changes = (expectOfB: Revision): Parameters<Store['write']>[0] => [
      { key: '/a', value: bytes('two'), expect: a },
      { key: '/b', expect: expectOfB },
      { key: '/c', value: bytes('one'), expect: 'absent' },
    ]
    await conflicts(store.write(changes(a)), '/b', entry('/b', 'one', b, b, 1))
    assert.deepEqual(await read(store, '/a'), entry('/a', 'one', a, a, 1))
    assert.equal(await store.get('/c'), undefined)

    const revision = await store.write(changes(b))
    const page = await store.list('/', everything)
    assert.deepEqual(page.entries.map(plain), [entry('/a', 'two', revision, a, 2), entry('/c', 'one', revision, revision, 1)])
  })

  check('a write that names a key twice is refused, and one of nothing changes nothing', async (store) => {
    const put: Put = { key: '/a', value: bytes('one'), expect: 'absent' }
    await assert.rejects(store.write([put, put]), /\/a is named twice/)
    assert.equal(await store.get('/a'), undefined)
    const before = await store.current()
    assert.ok((await store.write([])) >= before)
  })

  check('of many writers that expect the same one wins, and none of their updates is lost', async (store) => {
    await create(store, '/counter', '0')
    const increment = async (): Promise<void> => {
      let current = await store.get('/counter')
      while (current) {
        const put = { key: '/counter', value: bytes(String(Number(text(current.value)) + 1)), expect: current.revision }
        const conflict = await store.write([put]).then(() => undefined, asConflict)
        if (!conflict) return
        current = conflict.current
      }
      assert.fail('the counter is gone')
    }
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let i = 0; i < 4; i++) await increment()
      }),
    )
    const counter = await store.get('/counter')
    assert.deepEqual([text(counter!.value), counter!.version], ['64', 65])
  })

  check('writers of different keys at the same time all succeed, each with a revision of its own', async (store) => {
    const keys = Array.from({ length: 100 }, (_, i) => `/k/${String(i).padStart(3, '0')}`)
    const revisions = await Promise.all(keys.map((key) => create(store, key, key)))
    assert.equal(new Set(revisions).size, 100)
    const page = await store.list('/k/', everything)
    assert.deepEqual(
      page.entries.map(plain),
      keys.map((key, i) => entry(key, key, revisions[i]!, revisions[i]!, 1)),
    )
  })

  check('a list holds what is under its prefix, in the order of bytes', async (store) => {
    // U+1F600 is above U+FFFD in bytes, but below it in JavaScript's order of strings.
    const keys = ['/p/a', '/p/a-b', '/p/a/b', '/p/aa', '/p/b', '/p/\u00e9', '/p/\ufffd', '/p/\u{1f600}']
    for (const key of [...keys, '/p', '/q', '/o/z', '/pa'].toReversed()) await create(store, key, key)
    assert.deepEqual(keysOf(await store.list('/p/', everything)), keys)
    assert.deepEqual(keysOf(await store.list('/p/a', everything)), keys.slice(0, 4))
    assert.deepEqual(keysOf(await store.list('/none', everything)), [])
    assert.equal((await store.list('', everything)).entries.length, 12)
  })

  check('pages end at their limit, say that there is more, and go on behind a key', async (store) => {
    for (let i = 0; i < 7; i++) await create(store, `/p/${i}`, 'v')
    await create(store, '/q', 'v')
    const first = await store.list('/p/', { limit: 3, maxBytes: Infinity })
    assert.deepEqual([keysOf(first), first.more], [['/p/0', '/p/1', '/p/2'], true])
    const second = await store.list('/p/', { limit: 4, maxBytes: Infinity, after: '/p/2', at: first.revision })
    assert.deepEqual([keysOf(second), second.more], [['/p/3', '/p/4', '/p/5', '/p/6'], false])
    const between = await store.list('/p/', { limit: 1, maxBytes: Infinity, after: '/p/33' })
    assert.deepEqual([keysOf(between), between.more], [['/p/4'], true])
    const behind = await store.list('/p/', { ...everything, after: '/p/6' })
    assert.deepEqual([keysOf(behind), behind.more], [[], false])
    if (driver.knowsRemaining)
      assert.deepEqual(
        [first, second, between, behind].map((page) => page.remaining),
        [4, 0, 2, 0],
      )
  })

  check('a page without room for entries only says whether there are any', async (store) => {
    await create(store, '/p/a', 'v')
    await create(store, '/p/b', 'v')
    const page = await store.list('/p/', { limit: 0, maxBytes: Infinity })
    assert.deepEqual([page.entries, page.more], [[], true])
    if (driver.knowsRemaining) assert.equal(page.remaining, 2)
    assert.equal((await store.list('/none', { limit: 0, maxBytes: Infinity })).more, false)
  })

  check('pages end at about as many bytes as asked for, but have one entry at least', async (store) => {
    for (let i = 0; i < 20; i++) await create(store, `/p/${String(i).padStart(2, '0')}`, 'v'.repeat(1000))
    const first = await store.list('/p/', { limit: Infinity, maxBytes: 5000 })
    assert.ok(first.more && first.entries.length >= 5 && first.entries.length < 20, `${first.entries.length} entries`)
    const tiny = await store.list('/p/', { limit: Infinity, maxBytes: 1 })
    assert.ok(tiny.more && tiny.entries.length >= 1)
    const seen: Key[] = []
    for (let page: Page | undefined; !page || page.more;) {
      page = await store.list('/p/', { limit: Infinity, maxBytes: 5000, ...(page && { after: seen.at(-1)!, at: page.revision }) })
      seen.push(...keysOf(page))
    }
    assert.equal(seen.length, 20)
  })

  check('the past can be read until it is compacted', async (store) => {
    const created = await create(store, '/a', 'one')
    const b = await create(store, '/b', 'one')
    const updated = await update(store, '/a', created, 'two')
    const deleted = await store.write([{ key: '/b', expect: b }])
    const again = await create(store, '/b', 'three')

    assert.equal(await store.get('/b', { at: created }), undefined)
    assert.deepEqual(await read(store, '/a', { at: b }), entry('/a', 'one', created, created, 1))
    assert.deepEqual(await read(store, '/a', { at: updated }), entry('/a', 'two', updated, created, 2))
    assert.equal(await store.get('/b', { at: deleted }), undefined)
    const past = await store.list('/', { ...everything, at: updated })
    assert.deepEqual(past.entries.map(plain), [entry('/a', 'two', updated, created, 2), entry('/b', 'one', b, b, 1)])
    assert.equal(past.revision, updated)
    assert.deepEqual((await store.list('/', { ...everything, at: deleted })).entries.map(plain), [entry('/a', 'two', updated, created, 2)])

    await store.compact(deleted)
    assert.equal(await store.get('/b', { at: deleted }), undefined)
    assert.deepEqual(await read(store, '/a', { at: deleted }), entry('/a', 'two', updated, created, 2))
    assert.deepEqual(await read(store, '/b'), entry('/b', 'three', again, again, 1))
    await compacted(store.get('/a', { at: updated }))
    await compacted(store.list('/', { ...everything, at: created }))
    await store.compact(created)
  })

  check('a page of the past says how much of the past follows', async (store) => {
    for (let i = 0; i < 5; i++) await create(store, `/p/${i}`, 'v')
    const at = (await store.list('/p/', everything)).revision
    for (const { key, revision } of (await store.list('/p/', everything)).entries.slice(2)) await store.write([{ key, expect: revision }])
    const page = await store.list('/p/', { at, limit: 2, maxBytes: Infinity })
    assert.equal(page.more, true)
    if (driver.knowsRemaining) assert.equal(page.remaining, 3)
    assert.equal((await store.list('/p/', { limit: 2, maxBytes: Infinity })).more, false)
  })

  check('the future cannot be read', async (store) => {
    const future = (await store.current()) + 1000
    await assert.rejects(store.get('/a', { at: future }), (error) => error instanceof FutureRevision && error.newest < future)
    await assert.rejects(store.list('/', { ...everything, at: future }), FutureRevision)
    await assert.rejects(
      store.watch('/', { after: future, signal: AbortSignal.timeout(60_000) }, () => {}),
      FutureRevision,
    )
    await assert.rejects(store.compact(future), FutureRevision)
  })

  check('a watch sees every change behind its revision, in order, with what stood there before', async (store) => {
    const start = await create(store, '/p/a', 'one')
    const updated = await update(store, '/p/a', start, 'two')
    await create(store, '/q/z', 'elsewhere')
    await using watch = watching(store, '/p/', start)
    const deleted = await store.write([{ key: '/p/a', expect: updated }])
    const again = await create(store, '/p/a', 'three')
    await watch.changes(3)
    assert.deepEqual(watch.seen, [
      { key: '/p/a', revision: updated, value: 'two', before: entry('/p/a', 'one', start, start, 1) },
      { key: '/p/a', revision: deleted, value: undefined, before: entry('/p/a', 'two', updated, start, 2) },
      { key: '/p/a', revision: again, value: 'three', before: undefined },
    ])
  })

  check('the changes of one write reach a watch in one batch', async (store) => {
    const start = await store.current()
    const changes = (of: string): Put[] =>
      Array.from({ length: 30 }, (_, i) => ({ key: `/p/${of}${i}`, value: bytes('v'), expect: 'absent' }))
    const first = await store.write(changes('a'))
    await using watch = watching(store, '/p/', start)
    const second = await store.write(changes('b'))
    await watch.changes(60)
    for (const revision of [first, second]) {
      const batches = watch.batches.filter((batch) => batch.changes.some((change) => change.revision === revision))
      assert.equal(batches.length, 1)
      assert.equal(batches[0]!.changes.filter((change) => change.revision === revision).length, 30)
      assert.ok(batches[0]!.through >= revision)
    }
  })

  check('a watch that resumes anywhere misses nothing and repeats nothing', async (store) => {
    const start = await store.current()
    const revisions: Revision[] = []
    let last: Revision | 'absent' = 'absent'
    for (let i = 0; i < 40; i++) {
      last = await store.write([{ key: '/p/a', value: bytes(String(i)), expect: last }])
      revisions.push(last)
    }
    for (const [after, first] of [
      [start, 0],
      [revisions[0]!, 1],
      [revisions[17]!, 18],
      [revisions[38]!, 39],
    ] as const) {
      await using watch = watching(store, '/p/', after)
      await watch.changes(40 - first)
      assert.deepEqual(
        watch.seen.map((change) => change.revision),
        revisions.slice(first),
      )
    }
  })

  check('the batches of a watch come to ever later revisions, and hold nothing beyond theirs', async (store) => {
    const start = await store.current()
    await using watch = watching(store, '/p/', start)
    await Promise.all(Array.from({ length: 50 }, (_, i) => create(store, `/p/${i}`, 'v')))
    await watch.changes(50)
    let reached = start
    for (const { through, changes } of watch.batches) {
      for (const change of changes) {
        assert.ok(change.revision > reached && change.revision <= through)
      }
      assert.ok(through >= reached)
      reached = through
    }
  })

  check('a watch that may not start where it wants to is told that it is too late', async (store) => {
    const first = await create(store, '/a', 'one')
    const second = await update(store, '/a', first, 'two')
    const third = await update(store, '/a', second, 'three')
    await store.compact(third)
    await compacted(store.watch('/', { after: first, signal: AbortSignal.timeout(60_000) }, () => assert.fail('delivered')))
    await using watch = watching(store, '/', third)
    const fourth = await update(store, '/a', third, 'four')
    await watch.changes(1)
    assert.deepEqual(watch.seen, [{ key: '/a', revision: fourth, value: 'four', before: entry('/a', 'three', third, first, 3) }])
  })

  check('a watch ends without an error when its signal is aborted, and hears nothing more', async (store) => {
    const start = await store.current()
    const watch = watching(store, '/', start)
    await create(store, '/a', 'one')
    await watch.changes(1)
    await watch[Symbol.asyncDispose]()
    await create(store, '/b', 'one')
    await using other = watching(store, '/', start)
    await other.changes(2)
    assert.equal(watch.seen.length, 1)
    await store.watch('/', { after: start, signal: AbortSignal.abort() }, () => assert.fail('delivered'))
  })

  check("a watcher that throws ends its own watch and nobody else's", async (store) => {
    const start = await store.current()
    const signal = AbortSignal.timeout(60_000)
    const broken = store.watch('/', { after: start, signal }, ({ changes }) => {
      if (changes.length > 0) throw new Error('cannot take this')
    })
    broken.catch(() => {})
    await using watch = watching(store, '/', start)
    const first = await create(store, '/a', 'one')
    await assert.rejects(broken, /cannot take this/)
    await update(store, '/a', first, 'two')
    await watch.changes(2)
  })

  check('a watcher may write, and all see its change behind the one it answers', async (store) => {
    const start = await store.current()
    const signal = AbortSignal.timeout(60_000)
    let written: Promise<Revision> | undefined
    const stop = new AbortController()
    const answering = store.watch('/', { after: start, signal: AbortSignal.any([signal, stop.signal]) }, ({ changes }) => {
      if (changes[0]?.key === '/question') written = create(store, '/answer', 'forty-two')
    })
    await using watch = watching(store, '/', start)
    await create(store, '/question', '?')
    await watch.changes(2)
    assert.deepEqual(
      watch.seen.map((change) => change.key),
      ['/question', '/answer'],
    )
    assert.equal(await written, watch.seen[1]!.revision)
    stop.abort()
    await answering
  })

  if (driver.embedded) {
    check('a change reaches the watchers before its writer is answered', async (store) => {
      await using watch = watching(store, '/p/', await store.current())
      let last: Revision | 'absent' = 'absent'
      for (let i = 1; i <= 10; i++) {
        last = await store.write([{ key: '/p/a', value: bytes('v'), expect: last }])
        assert.deepEqual([watch.seen.length, watch.seen.at(-1)!.revision], [i, last])
      }
    })

    check('a quiet watch hears how far the store has come', async (store) => {
      const start = await create(store, '/p/a', 'one')
      await using watch = watching(store, '/p/', start)
      assert.deepEqual(watch.batches, [{ through: start, changes: [] }])
      const elsewhere = await create(store, '/q/a', 'one')
      assert.deepEqual(watch.batches.at(-1), { through: elsewhere, changes: [] })
    })

    check('what is read from within a watch is not older than the change', async (store) => {
      const stop = new AbortController()
      const reads: Promise<PlainEntry | undefined>[] = []
      const watch = store.watch('/p/', { after: await store.current(), signal: stop.signal }, ({ changes }) => {
        for (const { key } of changes) reads.push(read(store, key))
      })
      const revision = await create(store, '/p/a', 'one')
      assert.deepEqual(await Promise.all(reads), [entry('/p/a', 'one', revision, revision, 1)])
      stop.abort()
      await watch
    })
  }

  check('a key with a time to live is deleted when it is over, and its watchers are told', async (store, { elapse }) => {
    const start = await store.current()
    await using watch = watching(store, '/events/', start)
    const created = await store.write([{ key: '/events/a', value: bytes('brief'), expect: 'absent', ttlSeconds: 2 }])
    await create(store, '/events/b', 'lasting')
    assert.equal(text((await store.get('/events/a'))!.value), 'brief')
    await elapse(4000)
    await watch.changes(3)
    const { key, value, before } = watch.seen[2]!
    assert.deepEqual([key, value, before], ['/events/a', undefined, entry('/events/a', 'brief', created, created, 1)])
    assert.equal(await store.get('/events/a'), undefined)
    assert.deepEqual(keysOf(await store.list('/events/', everything)), ['/events/b'])
  })

  check('a key that is written again gets the time to live of its last write', async (store, { elapse }) => {
    const start = await store.current()
    await using watch = watching(store, '/events/', start)
    const first = await store.write([{ key: '/events/a', value: bytes('one'), expect: 'absent', ttlSeconds: 2 }])
    await store.write([{ key: '/events/a', value: bytes('two'), expect: first }])
    await store.write([{ key: '/events/z', value: bytes('brief'), expect: 'absent', ttlSeconds: 2 }])
    await elapse(4000)
    await watch.changes(4)
    assert.deepEqual([watch.seen[3]!.key, watch.seen[3]!.value], ['/events/z', undefined])
    assert.equal(text((await store.get('/events/a'))!.value), 'two')
  })

  check('compaction keeps nobody from writing', async (store) => {
    let last = await create(store, '/a', '0')
    for (let i = 1; i <= 200; i++) last = await update(store, '/a', last, String(i))
    const [, next] = await Promise.all([store.compact(last), update(store, '/a', last, 'next')])
    assert.equal(text((await store.get('/a'))!.value), 'next')
    assert.equal(text((await store.get('/a', { at: last }))!.value), '200')
    await compacted(store.get('/a', { at: last - 1 }))
    await store.compact(next)
    assert.equal(text((await store.get('/a'))!.value), 'next')
  })
}

const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
const text = (value: Uint8Array): string => Buffer.from(value).toString()
const keysOf = ({ entries }: Page): Key[] => entries.map(({ key }) => key)
const asConflict = (error: unknown): Conflict => {
  if (error instanceof Conflict) return error
  throw error
}

const create = (store: Store, key: Key, value: string): Promise<Revision> => store.write([{ key, value: bytes(value), expect: 'absent' }])
const update = (store: Store, key: Key, expect: Revision, value: string): Promise<Revision> =>
  store.write([{ key, value: bytes(value), expect }])

/** Entries and changes with their values as text: drivers may hand out any kind of Uint8Array. */
type PlainEntry = Omit<Entry, 'value'> & { value: string }
type PlainChange = { key: Key; revision: Revision; value: string | undefined; before: PlainEntry | undefined }

const entry = (key: Key, value: string, revision: Revision, created: Revision, version: number): PlainEntry => ({
  key,
  value,
  revision,
  created,
  version,
})
const plain = ({ key, value, revision, created, version }: Entry): PlainEntry => entry(key, text(value), revision, created, version)
const plainChange = ({ key, revision, value, before }: Change): PlainChange => ({
  key,
  revision,
  value: value && text(value),
  before: before && plain(before),
})

async function read(store: Store, key: Key, options?: { at: Revision }): Promise<PlainEntry | undefined> {
  const got = await store.get(key, options)
  return got && plain(got)
}

async function conflicts(write: Promise<Revision>, key: Key, current: PlainEntry | undefined): Promise<void> {
  const conflict = await write.then(() => assert.fail('the write was not refused'), asConflict)
  assert.deepEqual([conflict.key, conflict.current && plain(conflict.current)], [key, current])
}

const compacted = (read: Promise<unknown>): Promise<void> => assert.rejects(read, (error) => error instanceof Compacted && error.oldest > 0)

/** A watch that notes what it is given; disposing it ends it and throws what it failed with. */
function watching(store: Store, prefix: Key, after: Revision) {
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
