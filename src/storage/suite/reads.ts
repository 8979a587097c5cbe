import assert from 'node:assert/strict'
import { FutureRevision } from '../store'
import type { Key, Page } from '../store'
import { everything, keysOf, create, update, entry, plain, read, compacted } from './observed'
import type { Cases } from './observed'

/** Reads: pages, the past, the future. */
export const reads: Cases = (check, driver) => {
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
}
