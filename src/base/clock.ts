/** Where components get the time from, so that tests can turn it: see `fake-clock.ts`. */
export interface Clock {
  /** Milliseconds since 1970 (wall time). */
  now(): number
  /** Milliseconds of a clock that never goes back. */
  monotonic(): number
  /** Calls back once after `ms`; disposing before then forgets it. Never keeps the process alive by itself. */
  after(ms: number, callback: () => void): Disposable
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** `Clock.sleep` over `after`, for whoever makes a clock. */
export function sleepBy({ after }: Pick<Clock, 'after'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const onAbort = (): void => {
      timer[Symbol.dispose]()
      reject(signal!.reason as Error)
    }
    const timer = after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** setTimeout takes 32 bits; longer waits are made of several. */
const longest = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      timer = setTimeout(() => (left > longest ? wait(left - longest) : callback()), Math.min(left, longest))
      timer.unref()
    }
    wait(Math.max(0, ms))
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
  sleep: (ms, signal) => sleepBy(systemClock, ms, signal),
}
