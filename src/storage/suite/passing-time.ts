import assert from 'node:assert/strict'
import { everything, bytes, text, keysOf, create, update, entry, compacted, watching } from './observed'
import type { Cases } from './observed'

/** What time does: keys that end by themselves, and compaction. */
export const passingTime: Cases = (check) => {
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
