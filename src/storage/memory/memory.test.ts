import { describe, expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { Compacted } from '../store'
import { storeSuite } from '../suite'
import { openMemoryStore } from './open-memory-store'

describe('memory store', () => {
  storeSuite(test, {
    embedded: true,
    knowsRemaining: true,
    async open() {
      const clock = createFakeClock()
      return { store: openMemoryStore({ clock }), elapse: (ms) => clock.advance(ms) }
    },
  })

  test('what is superseded is forgotten beyond a number of bytes', async () => {
    await using store = openMemoryStore({ historyBytes: 100_000 })
    const first = await store.write([{ key: '/a', value: new Uint8Array(1000), expect: 'absent' }])
    let last = first
    for (let i = 0; i < 60; i++) last = await store.write([{ key: '/a', value: new Uint8Array(1000), expect: last }])
    expect(await store.get('/a', { at: first })).toMatchObject({ revision: first })
    for (let i = 0; i < 60; i++) last = await store.write([{ key: '/a', value: new Uint8Array(1000), expect: last }])
    await expect(store.get('/a', { at: first })).rejects.toThrow(Compacted)
    expect(await store.get('/a', { at: last - 30 })).toMatchObject({ revision: last - 30 })
  })

  test('an idle store has no timers', async () => {
    const clock = createFakeClock()
    await using store = openMemoryStore({ clock })
    await store.write([{ key: '/a', value: new Uint8Array(1), expect: 'absent', ttlSeconds: 10 }])
    expect(clock.pending).toBe(1)
    await clock.advance(11_000)
    expect(clock.pending).toBe(0)
  })
})
