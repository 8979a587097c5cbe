import { type Clock, systemClock } from '#base/clock'

/** The system's clock, and a way to leap ahead. */
export interface MovingClock extends Clock {
  /** Fires every timer due within `ms`, in order of time, and lets the cluster do what that sets off. */
  advance(ms: number): Promise<void>
}

interface Timer { readonly due: number; readonly callback: () => void; real: Disposable }

/** Heartbeats and what watches them are seconds apart: a leap goes in steps in which the work of one is done before the next. */
const stepMs = 1000
const turnsPerStep = 6

export function createMovingClock(): MovingClock {
  let ahead = 0
  const timers = new Set<Timer>()
  const monotonic = (): number => systemClock.monotonic() + ahead
  const arm = (timer: Timer): void => {
    timer.real = systemClock.after(timer.due - monotonic(), () => {
      timers.delete(timer)
      timer.callback()
    })
  }
  const firstDue = (until: number): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) if (timer.due <= until && (!first || timer.due < first.due)) first = timer
    return first
  }

  const clock: MovingClock = {
    now: () => systemClock.now() + ahead,
    monotonic,
    after(ms, callback) {
      const timer = { due: monotonic() + Math.max(0, ms), callback } as Timer
      timers.add(timer)
      arm(timer)
      return {
        [Symbol.dispose]() {
          timers.delete(timer)
          timer.real[Symbol.dispose]()
        },
      }
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const onAbort = (): void => {
          timer[Symbol.dispose]()
          reject(signal!.reason as Error)
        }
        const timer = clock.after(ms, () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        })
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    async advance(ms) {
      const until = monotonic() + ms
      const leapTo = (due: number): void => {
        ahead += Math.max(0, due - monotonic())
      }
      while (monotonic() < until) {
        const step = Math.min(until, monotonic() + stepMs)
        for (let timer = firstDue(step); timer; timer = firstDue(step)) {
          timers.delete(timer)
          timer.real[Symbol.dispose]()
          leapTo(timer.due)
          timer.callback()
        }
        leapTo(step)
        for (let turn = 0; turn < turnsPerStep; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
      for (const timer of timers) {
        timer.real[Symbol.dispose]()
        arm(timer)
      }
    },
  }
  return clock
}
