import type { Store } from './store'
import type { Check } from './suite/observed'
import { passingTime } from './suite/passing-time'
import { reads } from './suite/reads'
import { watches } from './suite/watches'
import { writes } from './suite/writes'

/** What the suite needs to know of a driver. `open` gives an empty store; the suite disposes it. */
export type StoreUnderTest = {
  open(): Promise<OpenedStore>
  /** Changes reach watchers before their writer is answered, and a quiet watch hears of every write. */
  embedded: boolean
  /** Pages say how many entries follow. */
  knowsRemaining: boolean
}
/** `elapse` lets time pass for the store, or waits until it has. */
export type OpenedStore = { store: Store; elapse: (ms: number) => Promise<void> }
/** Vitest's `test`, or anything of its shape. */
export type DefineTest = (name: string, run: () => Promise<void>) => unknown

/** The contract of `Store`, as tests of one driver. Independent of any test runner, so that every runtime can run it. */
export function storeSuite(test: DefineTest, driver: StoreUnderTest): void {
  const check: Check = (name, run): void => {
    test(name, async () => {
      const opened = await driver.open()
      try {
        await run(opened.store, opened)
      } finally {
        await opened.store[Symbol.asyncDispose]()
      }
    })
  }

  for (const cases of [writes, reads, watches, passingTime]) cases(check, driver)
}
