import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createDeferred } from '#base/deferred'
import { createFakeClock } from '#base/fake-clock'
import { openLmdbStore } from '../lmdb/open-lmdb-store'
import { openMemoryStore } from '../memory/open-memory-store'
import { StoreUnavailable, type Batch, type Revision, type Store } from '../store'
import { storeSuite } from '../suite'
import { createSplitter, FrameWriter } from './frame'
import { openSharedStore } from './open-shared-store'
import { serveStore } from './serve-store'

const directory = mkdtempSync(join(tmpdir(), 'navarch-shared-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let made = 0

/** Both ends of a stream, as two processes have them. */
async function pair(): Promise<[Socket, Socket]> {
  const path = join(directory, `${made++}.sock`)
  const server = createServer().listen(path)
  await once(server, 'listening')
  const near = connect(path)
  const [far] = (await once(server, 'connection')) as [Socket]
  server.close()
  return [far, near]
}

/** A client of a store, which goes with it. */
async function shared(store: Store): Promise<Store> {
  const [far, near] = await pair()
  const serving = serveStore(store, far)
  const client = openSharedStore(near)
  return {
    ...client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      serving[Symbol.dispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a shared store over one in memory', () => {
  storeSuite(test, {
    embedded: true,
    knowsRemaining: true,
    async open() {
      const clock = createFakeClock()
      return { store: await shared(openMemoryStore({ clock })), elapse: (ms) => clock.advance(ms) }
    },
  })
})

describe('a shared store over one on disk', () => {
  storeSuite(test, {
    embedded: true,
    knowsRemaining: true,
    async open() {
      const clock = createFakeClock()
      return { store: await shared(await openLmdbStore({ dir: mkdtempSync(join(directory, 'lmdb-')), clock })), elapse: (ms) => clock.advance(ms) }
    },
  })
})

test('whoever was told a revision has been given all changes up to it, whoever wrote them', async () => {
  await using owner = openMemoryStore()
  const [first, second] = [await pair(), await pair()]
  using _first = serveStore(owner, first[0])
  using _second = serveStore(owner, second[0])
  await using writer = openSharedStore(first[1])
  await using reader = openSharedStore(second[1])
  let through: Revision = 0
  const stop = new AbortController()
  const watching = reader.watch('/', { after: await reader.current(), signal: stop.signal }, (batch) => void (through = batch.through))
  for (let i = 0; i < 50; i++) {
    const written = await writer.write([{ key: `/a/${i}`, value: bytes('x'), expect: 'absent' }])
    const current = await reader.current()
    expect(current).toBe(written)
    expect(through).toBe(written)
  }
  stop.abort()
  await watching
})

test('the watches of a writer get the bytes that it gave, those of others their own', async () => {
  await using owner = openMemoryStore()
  const [far, near] = await pair()
  using _serving = serveStore(owner, far)
  await using client = openSharedStore(near)
  const seen = new Map<string, Uint8Array | undefined>()
  const stop = new AbortController()
  const watching = client.watch('/', { after: await client.current(), signal: stop.signal }, ({ changes }) => {
    for (const { key, value } of changes) seen.set(key, value)
  })
  const values = [bytes('one'), bytes('two')]
  await client.write(values.map((value, i) => ({ key: `/${i}`, value, expect: 'absent' })))
  expect(seen.get('/0')).toBe(values[0])
  expect(seen.get('/1')).toBe(values[1])
  const others = bytes('three')
  await owner.write([{ key: '/2', value: others, expect: 'absent' }])
  await client.current()
  expect(seen.get('/2')).toEqual(others)
  // What is kept holds nothing else of what came with it.
  expect(seen.get('/2')!.buffer.byteLength).toBe(others.length)
  stop.abort()
  await watching
})

test('a client that takes nothing for a while is not sent ever more, and misses nothing', async () => {
  await using owner = openMemoryStore({ historyBytes: 2 ** 30 })
  const [far, near] = await pair()
  using _serving = serveStore(owner, far)
  await using client = openSharedStore(near)
  const batches: Batch[] = []
  const all = createDeferred()
  const stop = new AbortController()
  const start = await client.current()
  let last: Revision = start
  const watching = client.watch('/', { after: start, signal: stop.signal }, (batch) => {
    batches.push(batch)
    if (batches.length > 1 && batch.through === last) all.resolve()
  })
  await client.current()
  near.pause()
  const value = new Uint8Array(1 << 20)
  for (let i = 0; i < 64; i++) {
    last = await owner.write([{ key: `/${i}`, value, expect: 'absent' }])
    await new Promise(setImmediate)
  }
  expect(far.writableLength).toBeLessThan(20 << 20)
  near.resume()
  await all.promise
  expect(batches.flatMap(({ changes }) => changes.map(({ key }) => key))).toEqual(Array.from({ length: 64 }, (_, i) => `/${i}`))
  stop.abort()
  await watching
})

test('when either process goes, the other hears of it', async () => {
  await using owner = openMemoryStore()
  const [far, near] = await pair()
  const gone = createDeferred()
  using _serving = serveStore(owner, far, () => gone.resolve())
  await using client = openSharedStore(near)
  const watching = client.watch('/', { after: await client.current(), signal: AbortSignal.timeout(60_000) }, () => {})
  const failed = expect(watching).rejects.toThrow(StoreUnavailable)
  near.destroy()
  await gone.promise
  await failed
  await expect(client.write([{ key: '/a', value: bytes('x'), expect: 'absent' }])).rejects.toThrow('the process that has the store is gone')
  expect(await owner.get('/a')).toBeUndefined()
})

test('frames come out as they went in, however the stream cuts them', () => {
  const writer = new FrameWriter()
  const texts = ['', 'a', 'ü€😀'.repeat(20), 'x'.repeat(40_000)]
  texts.forEach((text, i) => writer.frame(i, i * 1000, (to) => {
    to.text(text)
    to.bytes(bytes(text))
    to.number(2 ** 53 - 1 - i)
    to.byte(i)
  }))
  expect(() => writer.frame(9, 9, () => {
    writer.number(1)
    throw new Error('cannot be read')
  })).toThrow('cannot be read')
  const stream = writer.take()
  for (const size of [1, 2, 3, 5, 7, 64, 1000, stream.length]) {
    let at = 0
    const split = createSplitter((frame) => {
      expect([frame.kind, frame.id]).toEqual([at, at * 1000])
      expect(frame.text()).toBe(texts[at])
      expect(Buffer.compare(frame.bytes(), bytes(texts[at]!))).toBe(0)
      expect(frame.number()).toBe(2 ** 53 - 1 - at)
      expect(frame.byte()).toBe(at++)
    })
    for (let from = 0; from < stream.length; from += size) split(stream.subarray(from, from + size))
    expect(at).toBe(texts.length)
  }
})
