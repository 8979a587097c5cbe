import assert from 'node:assert/strict'
import type { Put, Revision } from '../store'
import { bytes, create, update, entry, read, compacted, watching } from './observed'
import type { Cases, PlainEntry } from './observed'

/** Watches: what they see, from where, in which batches, and how they end. */
export const watches: Cases = (check, driver) => {
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
      const elsewhere = await create(store, '/q/a', 'one')
      assert.deepEqual(watch.batches, [start, elsewhere].map((through) => ({ through, changes: [] })))
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
}
