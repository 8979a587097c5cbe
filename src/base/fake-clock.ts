import { type Clock, sleepBy } from './clock'

/** A clock that stands still until a test turns it. */
export interface FakeClock extends Clock {
  /** Fires every timer due within `ms`, in order of time; what each one sets off has run before the next. */
  advance(ms: number): Promise<void>
  /** Lets everything run that needs no timer. */
  settle(): Promise<void>
  /** How many timers wait: 0 means idle. */
  readonly pending: number
}

interface Timer { readonly due: number; readonly order: number; readonly callback: () => void }

/** Starts at `start` (milliseconds since 1970), by default 2026-01-01T00:00:00Z. */
export function createFakeClock(start: number = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start
  let order = 0
  const timers = new Set<Timer>()

  const next = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) {
      if (timer.due > until) continue
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) first = timer
    }
    return first
  }

  const clock: FakeClock = {
    now: () => now,
    monotonic: () => now - start,
    get pending() {
      return timers.size
    },
    after(ms, callback) {
      const timer = { due: now + Math.max(0, ms), order: order++, callback }
      timers.add(timer)
      return { [Symbol.dispose]: () => void timers.delete(timer) }
    },
    sleep: (ms, signal) => sleepBy(clock, ms, signal),
    async advance(ms) {
      const until = now + ms
      await clock.settle()
      for (let timer = next(until); timer; timer = next(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.due)
        timer.callback()
        await clock.settle()
      }
      now = until
    },
    async settle() {
      // A turn of the event loop runs all microtasks; two, since some of them hand on to another turn.
      for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
  return clock
}
