import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { storeSuite } from '../suite'
import { openLmdbStore } from './open-lmdb-store'

describe('lmdb store', () => {
  storeSuite(test, {
    embedded: true,
    knowsRemaining: true,
    async open() {
      const dir = await mkdtemp(join(tmpdir(), 'navarch-store-'))
      const clock = createFakeClock()
      const store = await openLmdbStore({ dir, clock })
      const close = async (): Promise<void> => {
        await store[Symbol.asyncDispose]()
        await rm(dir, { recursive: true })
      }
      return { store: { ...store, [Symbol.asyncDispose]: close }, elapse: (ms) => clock.advance(ms) }
    },
  })
})
