import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StoreUnavailable } from '../store'
import type { Change, Store } from '../store'
import { openLmdbStore } from './open-lmdb-store'

let mount: string
beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), 'navarch-full-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mount])
  // lmdb prints the errors of its commits, beside reporting them.
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
  execFileSync('umount', [mount])
  rmSync(mount, { recursive: true })
})

test('a full disk fails writes by name, loses nothing acknowledged, and ends when there is room', async () => {
  writeFileSync(join(mount, 'ballast'), Buffer.alloc(3 * 2 ** 20))
  const dir = join(mount, 'data')
  const acknowledged = new Set<string>()
  {
    await using store = await openLmdbStore({ dir })
    const told: Change[] = []
    const stop = new AbortController()
    const watch = store.watch('', { after: await store.current(), signal: stop.signal }, (batch) => told.push(...batch.changes))

    const failures = await fill(store, 'first', acknowledged)
    expect(failures.length).toBeGreaterThan(0)
    for (const failure of failures) expect(failure).toBeInstanceOf(StoreUnavailable)
    expect(String(failures[0])).toMatch(/cannot be written \(.*\): is the disk full\? Make room/)
    expect(await keysOf(store)).toEqual(acknowledged)
    expect(new Set(told.map(({ key }) => key))).toEqual(acknowledged)

    rmSync(join(mount, 'ballast'))
    const before = acknowledged.size
    await fill(store, 'second', acknowledged)
    expect(acknowledged.size).toBeGreaterThan(before)
    stop.abort()
    await watch
  }
  await using store = await openLmdbStore({ dir })
  expect(await keysOf(store)).toEqual(acknowledged)
})

/** Writes until it fails, by several writers at once. */
async function fill(store: Store, round: string, acknowledged: Set<string>): Promise<unknown[]> {
  const failures: unknown[] = []
  const writer = async (id: number): Promise<void> => {
    for (let i = 0; failures.length === 0; i++) {
      const key = `/${round}/${id}/${i}`
      try {
        await store.write([{ key, value: new Uint8Array(10_000), expect: 'absent' }])
        acknowledged.add(key)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, id) => writer(id)))
  return failures
}

async function keysOf(store: Store): Promise<Set<string>> {
  const { entries } = await store.list('', { limit: Infinity, maxBytes: Infinity })
  return new Set(entries.map(({ key }) => key))
}
