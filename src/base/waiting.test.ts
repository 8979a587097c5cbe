import { expect, test } from 'vitest'
import { orAborted } from './abort'
import { createAsyncQueue } from './async-queue'
import { createBackoff } from './backoff'
import { clone, deepFreeze, sameData } from './clone'
import { createDisposables } from './disposal'
import { createFakeClock } from './fake-clock'
import { createKeyedSerial } from './keyed-serial'

test('a fake clock fires timers in order of time, and what they set off before the next', async () => {
  const clock = createFakeClock(0)
  const seen: string[] = []
  clock.after(20, () => seen.push('late'))
  clock.after(10, () => {
    seen.push('early')
    clock.after(5, () => seen.push(`nested at ${clock.now()}`))
  })
  clock.after(30, () => seen.push('disposed'))[Symbol.dispose]()
  await clock.advance(50)
  expect(seen).toEqual(['early', 'nested at 15', 'late'])
  expect(clock.pending).toBe(0)
})

test('a sleep on the fake clock is aborted and leaves no timer', async () => {
  const clock = createFakeClock()
  const abort = new AbortController()
  const slept = clock.sleep(1000, abort.signal)
  abort.abort(new Error('enough'))
  await expect(slept).rejects.toThrow('enough')
  expect(clock.pending).toBe(0)
})

test('back-off grows to its limit and starts again', () => {
  const backoff = createBackoff({ initial: 100, max: 500 })
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([100, 200, 400, 500])
  backoff.reset()
  expect(backoff.next()).toBe(100)
  expect(createBackoff({ initial: 100, max: 500, jitter: 1, random: () => 0.5 }).next()).toBe(150)
})

test('a queue hands on what was pushed before it closed', async () => {
  const queue = createAsyncQueue<number>()
  queue.push(1)
  queue.push(2)
  queue.close()
  queue.push(3)
  const seen: number[] = []
  for await (const item of queue) seen.push(item)
  expect(seen).toEqual([1, 2])
})

test('tasks of a key run one after another, also behind one that fails', async () => {
  const serial = createKeyedSerial()
  const seen: string[] = []
  const step = (name: string) => async () => {
    seen.push(`${name} starts`)
    await new Promise((resolve) => setImmediate(resolve))
    seen.push(`${name} ends`)
    if (name === 'a1') throw new Error('a1 failed')
  }
  const first = serial.run('a', step('a1'))
  const second = serial.run('a', step('a2'))
  await expect(first).rejects.toThrow('a1 failed')
  await second
  await serial.run('b', step('b'))
  await serial.idle()
  expect(seen).toEqual(['a1 starts', 'a1 ends', 'a2 starts', 'a2 ends', 'b starts', 'b ends'])
  expect(serial.size).toBe(0)
})

test('disposables go in reverse, all of them, and tell what failed', async () => {
  const gone: string[] = []
  const all = createDisposables()
  all.defer(() => void gone.push('first'))
  all.defer(() => {
    throw new Error('stuck')
  })
  all.use({ [Symbol.dispose]: () => void gone.push('last') })
  await expect(all[Symbol.asyncDispose]()).rejects.toThrow('stuck')
  expect(gone).toEqual(['last', 'first'])
})

test('a wait ends with its signal', async () => {
  const abort = new AbortController()
  const waiting = orAborted(new Promise(() => {}), abort.signal)
  abort.abort(new Error('over'))
  await expect(waiting).rejects.toThrow('over')
})

test('plain data is copied, frozen and compared', () => {
  const frozen = deepFreeze({ a: [{ b: 1 }], c: undefined as string | undefined, d: null })
  const copy = clone(frozen)
  copy.a[0]!.b = 2
  expect(frozen.a[0]!.b).toBe(1)
  expect(() => (frozen.a as unknown[]).push(1)).toThrow()
  expect(sameData({ a: 1, b: undefined }, { a: 1 })).toBe(true)
  expect(sameData({ a: 1 }, { a: 1, b: 0 })).toBe(false)
  expect(sameData([1, { x: 1 }], [1, { x: 1 }])).toBe(true)
  expect(sameData([], {})).toBe(false)
})
