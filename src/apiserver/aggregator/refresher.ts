import { waitAfter, type BackoffOptions } from '#base/backoff'
import type { Clock } from '#base/clock'
import { createKeyedSerial } from '#base/keyed-serial'

export interface RefresherOptions {
  readonly clock: Clock
  readonly backoff: BackoffOptions
  /** Does the work for one name; comes again after these milliseconds, and not by itself where none are said. */
  refresh(name: string): Promise<number | undefined>
  /** It threw, and is tried again. */
  failed(name: string, error: unknown): void
}

export interface Refresher {
  /** Something is another: do it now. What is on its way is done first; what waits already is done once. */
  now(name: string): void
  /** Forgets what failed before. */
  anew(name: string): void
  forget(name: string): void
}

/** Work by name that is done when something changed, done again where nobody tells of changes, and tried again when it failed. */
export function createRefresher({ clock, backoff, refresh, failed }: RefresherOptions, signal: AbortSignal): Refresher {
  const serial = createKeyedSerial()
  const timers = new Map<string, Disposable>()
  const failures = new Map<string, number>()
  const queued = new Set<string>()
  const stop = (name: string): void => {
    timers.get(name)?.[Symbol.dispose]()
    timers.delete(name)
  }
  const later = (name: string, ms: number): void => {
    stop(name)
    if (!signal.aborted) timers.set(name, clock.after(ms, () => now(name)))
  }
  const now = (name: string): void => {
    if (signal.aborted || queued.has(name)) return
    queued.add(name)
    void serial.run(name, async () => {
      queued.delete(name)
      if (signal.aborted) return
      stop(name)
      try {
        const again = await refresh(name)
        failures.delete(name)
        if (again !== undefined) later(name, again)
      } catch (error) {
        if (signal.aborted) return
        const count = failures.get(name) ?? 0
        failures.set(name, count + 1)
        failed(name, error)
        later(name, waitAfter(count, backoff))
      }
    })
  }
  signal.addEventListener('abort', () => {
    for (const name of timers.keys()) stop(name)
  }, { once: true })
  return {
    now,
    anew(name) {
      failures.delete(name)
      now(name)
    },
    forget(name) {
      stop(name)
      failures.delete(name)
    },
  }
}
