import assert from 'node:assert/strict'
import type { Put, Revision, Store } from '../store'
import { everything, bytes, text, asConflict, create, update, entry, plain, read, conflicts } from './observed'
import type { Cases } from './observed'

/** Writes: revisions, expectations, all or nothing. */
export const writes: Cases = (check) => {
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
}
