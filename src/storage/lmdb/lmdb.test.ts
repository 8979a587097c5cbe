import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { Compacted, StoreUnavailable } from '../store'
import type { Revision, Store } from '../store'
import { storeSuite } from '../suite'
import { openLmdbStore } from './open-lmdb-store'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'navarch-store-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

for (const [name, memoryBytes] of [
  ['lmdb store', undefined],
  ['lmdb store that reads every value from disk', 0],
] as const) {
  describe(name, () => {
    storeSuite(test, {
      embedded: true,
      knowsRemaining: true,
      async open() {
        const clock = createFakeClock()
        return {
          store: await openLmdbStore({ dir, clock, ...(memoryBytes !== undefined && { memoryBytes }) }),
          elapse: (ms) => clock.advance(ms),
        }
      },
    })
  })
}

describe('lmdb store, opened again', () => {
  test('has everything: entries, revisions, the past, and what has a time to live', async () => {
    const clock = createFakeClock()
    const revisions: Revision[] = []
    {
      await using store = await openLmdbStore({ dir, clock })
      revisions.push(await store.write([put('/a', 'one', 'absent')]))
      revisions.push(await store.write([put('/a', 'two', revisions[0]!), put('/b', 'one', 'absent'), put('/c', 'x', 'absent')]))
      revisions.push(await store.write([{ ...put('/d', 'brief', 'absent'), ttlSeconds: 60 }]))
      await store.compact(revisions[0]!)
      revisions.push(await store.write([{ key: '/b', expect: revisions[1]! }]))
    }
    await using store = await openLmdbStore({ dir, clock })
    expect(await store.current()).toBe(revisions[3])
    expect(await contents(store)).toEqual(['/a=two', '/c=x', '/d=brief'])
    expect(await store.get('/a')).toMatchObject({ created: revisions[0], revision: revisions[1], version: 2 })
    expect(await contents(store, revisions[0])).toEqual(['/a=one'])
    expect(await contents(store, revisions[1])).toEqual(['/a=two', '/b=one', '/c=x'])
    await clock.advance(61_000)
    await expect.poll(() => contents(store)).toEqual(['/a=two', '/c=x'])
  })

  test('knows what has been compacted, and drops it from disk', async () => {
    let first: Revision
    let last: Revision
    {
      await using store = await openLmdbStore({ dir })
      first = last = await store.write([put('/a', '0', 'absent')])
      for (let i = 1; i < 20; i++) last = await store.write([put('/a', String(i), last)])
      last = await store.write([{ key: '/a', expect: last }])
      await store.compact(last)
    }
    await using store = await openLmdbStore({ dir })
    expect(await store.current()).toBe(last)
    await expect(store.get('/a', { at: first })).rejects.toThrow(Compacted)
    expect(await contents(store)).toEqual([])
  })

  test('forgets the past after its time, without a timer once it has', async () => {
    const clock = createFakeClock()
    await using store = await openLmdbStore({ dir, clock, historyMs: 60_000 })
    const first = await store.write([put('/a', 'one', 'absent')])
    const second = await store.write([put('/a', 'two', first)])
    await clock.advance(59_000)
    expect(await store.get('/a', { at: first })).toMatchObject({ revision: first })
    await clock.advance(120_000)
    await expect(store.get('/a', { at: first })).rejects.toThrow(Compacted)
    expect(await contents(store, second)).toEqual(['/a=two'])
    expect(clock.pending).toBe(0)
  })

  test('refuses a key that is too long, and no other write for it', async () => {
    await using store = await openLmdbStore({ dir })
    const [long, short] = [store.write([put(`/${'k'.repeat(70_000)}`, 'v', 'absent')]), store.write([put('/a', 'v', 'absent')])]
    await expect(long).rejects.toThrow('a key may have 65535 bytes, this one has 70001')
    await short
    expect(await contents(store)).toEqual(['/a=v'])
  })

  test('stays small however often a key is written', async () => {
    await using store = await openLmdbStore({ dir, historyBytes: 2 ** 20 })
    let last: Revision | 'absent' = 'absent'
    for (let round = 0; round < 40; round++) {
      const writes = Array.from({ length: 500 }, (_, i) => ({ key: `/k/${i}`, value: new Uint8Array(300), expect: last }))
      last = await store.write(writes)
    }
    expect(statSync(join(dir, 'data.mdb')).size).toBeLessThan(6 * 2 ** 20)
  })
})

describe('the data directory', () => {
  test('is refused while it is open, and free again afterwards', async () => {
    const store = await openLmdbStore({ dir })
    await expect(openLmdbStore({ dir })).rejects.toThrow(`is already open in this process (pid ${process.pid})`)
    await store[Symbol.asyncDispose]()
    await (await openLmdbStore({ dir }))[Symbol.asyncDispose]()
  })

  test('is refused while another process has it', async () => {
    writeFileSync(join(dir, 'navarch-store.lock'), ownerOf(process.ppid))
    await expect(openLmdbStore({ dir })).rejects.toThrow(`in use by another process (pid ${process.ppid})`)
  })

  test('is taken over from a process that is gone', async () => {
    const gone = Number(execFileSync(process.execPath, ['-p', 'process.pid']))
    writeFileSync(join(dir, 'navarch-store.lock'), JSON.stringify({ pid: gone, started: '1', boot: '' }))
    await (await openLmdbStore({ dir }))[Symbol.asyncDispose]()
    expect(readdirSync(dir).toSorted()).toEqual(['data.mdb', 'data.mdb-lock', 'navarch-store.json'])
  })

  test('is refused, and left alone, when it is something else', async () => {
    writeFileSync(join(dir, 'precious.txt'), 'keep me')
    await expect(openLmdbStore({ dir })).rejects.toThrow(
      /not a data directory of Navarch \(it has precious.txt but no navarch-store.json\)/,
    )
    expect(readdirSync(dir)).toEqual(['precious.txt'])
  })

  test('is refused when another version wrote it', async () => {
    writeFileSync(join(dir, 'navarch-store.json'), '{"format":"navarch store","version":99}')
    await expect(openLmdbStore({ dir })).rejects.toThrow(/has the format .*99.*: use the version that wrote it/)
  })

  test.each([
    ['cut short', (file: string) => truncateSync(file, 8192 + 100)],
    ['overwritten', (file: string) => writeFileSync(file, 'nonsense '.repeat(10_000))],
  ])('is refused when its log has been %s', async (_, damage) => {
    {
      await using store = await openLmdbStore({ dir })
      for (let i = 0; i < 10; i++) await store.write([put(`/${i}`, 'v'.repeat(5000), 'absent')])
    }
    damage(join(dir, 'data.mdb'))
    const before = readFileSync(join(dir, 'data.mdb'))
    const opening = openLmdbStore({ dir })
    await expect(opening).rejects.toThrow(StoreUnavailable)
    await expect(opening).rejects.toThrow(/damaged.*backup/)
    expect(Buffer.compare(readFileSync(join(dir, 'data.mdb')), before)).toBe(0)
  })
})

function put(key: string, value: string, expected: Revision | 'absent') {
  return { key, value: new Uint8Array(Buffer.from(value)), expect: expected }
}

async function contents(store: Store, at?: Revision): Promise<string[]> {
  const { entries } = await store.list('', { limit: Infinity, maxBytes: Infinity, ...(at !== undefined && { at }) })
  return entries.map(({ key, value }) => `${key}=${Buffer.from(value).toString()}`)
}

function ownerOf(pid: number): string {
  const script = `
    const fs = require('fs'), stat = fs.readFileSync('/proc/${pid}/stat', 'utf8')
    console.log(JSON.stringify({ pid: ${pid}, started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19], boot: fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }))`
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })
}
