/**
 * Runs the suite of the embedded drivers without a test runner, so that any runtime can: `bun --conditions=source src/storage/run-suite.ts`.
 * Prints what failed and ends with 1.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeClock } from '#base/fake-clock'
import { openLmdbStore } from './lmdb/open-lmdb-store'
import { openMemoryStore } from './memory/open-memory-store'
import { openSharedStore } from './shared/open-shared-store'
import { serveStore } from './shared/serve-store'
import { storeSuite } from './suite'
import type { StoreUnderTest } from './suite'

const directories: string[] = []
const embedded = { embedded: true, knowsRemaining: true }
const drivers: Record<string, StoreUnderTest> = {
  memory: {
    ...embedded,
    async open() {
      const clock = createFakeClock()
      return { store: openMemoryStore({ clock }), elapse: (ms) => clock.advance(ms) }
    },
  },
  lmdb: {
    ...embedded,
    async open() {
      const dir = mkdtempSync(join(tmpdir(), 'navarch-store-'))
      directories.push(dir)
      const clock = createFakeClock()
      return { store: await openLmdbStore({ dir, clock }), elapse: (ms) => clock.advance(ms) }
    },
  },
  shared: {
    ...embedded,
    async open() {
      const clock = createFakeClock()
      const listener = createServer().listen(0, '127.0.0.1')
      await once(listener, 'listening')
      const near = connect((listener.address() as { port: number }).port, '127.0.0.1')
      const [far] = (await once(listener, 'connection')) as [Socket]
      listener.close()
      serveStore(openMemoryStore({ clock }), far)
      return { store: openSharedStore(near), elapse: (ms) => clock.advance(ms) }
    },
  },
}

let passed = 0
let failed = 0
for (const [name, driver] of Object.entries(drivers)) {
  const cases: { title: string; run: () => Promise<void> }[] = []
  storeSuite((title, run) => cases.push({ title, run }), driver)
  for (const { title, run } of cases) {
    try {
      await run()
      passed++
    } catch (error) {
      failed++
      console.error(`${name}: ${title}\n`, error)
    }
  }
}
for (const dir of directories) rmSync(dir, { recursive: true })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
