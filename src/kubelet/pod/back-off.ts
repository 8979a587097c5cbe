import type { Clock } from '#base/clock'

/**
 * How long something that keeps failing is left alone: `initial`, doubling at each try up to `max`, forgotten when nothing
 * happened for twice `max`. Holds no timers: callers ask.
 */
export interface BackOff {
  /** Milliseconds that are left since the event (its time in ms), 0 when it may be tried now. */
  remaining(key: string, eventTime: number): number
  /** The whole wait that applies now. */
  delay(key: string): number
  /** Says that it is tried again because of an event at that time. */
  next(key: string, eventTime: number): void
  forget(key: string): void
}

export function createBackOff(options: { initialMs: number; maxMs: number }, clock: Clock): BackOff {
  const entries = new Map<string, { delay: number; updated: number }>()
  const live = (key: string, eventTime: number) => {
    const entry = entries.get(key)
    return entry && eventTime - entry.updated <= 2 * options.maxMs ? entry : undefined
  }
  return {
    remaining(key, eventTime) {
      const entry = live(key, eventTime)
      return entry ? Math.max(0, eventTime + entry.delay - clock.now()) : 0
    },
    delay: (key) => entries.get(key)?.delay ?? 0,
    next(key, eventTime) {
      const entry = live(key, eventTime)
      entries.set(key, { delay: entry ? Math.min(entry.delay * 2, options.maxMs) : options.initialMs, updated: clock.now() })
    },
    forget: (key) => void entries.delete(key),
  }
}
