/** Waits that grow while something keeps failing. */
export interface BackoffOptions {
  /** Milliseconds of the first wait. */
  readonly initial: number
  /** Milliseconds that no wait exceeds (before jitter). */
  readonly max: number
  /** By default 2. */
  readonly factor?: number
  /** Adds up to this share of the wait at random, so that many do not come back at once; by default 0. */
  readonly jitter?: number
  /** Between 0 and 1, for tests; by default `Math.random`. */
  readonly random?: () => number
}

export interface Backoff {
  /** The next wait in milliseconds; each is longer than the one before. */
  next(): number
  /** Something worked: start small again. */
  reset(): void
}

export function createBackoff(options: BackoffOptions): Backoff {
  let failures = 0
  return {
    next: () => waitAfter(failures++, options),
    reset: () => void (failures = 0),
  }
}

/** The wait in milliseconds after `failures` earlier ones (0 for the first), for callers that count by themselves. */
export function waitAfter(failures: number, { initial, max, factor = 2, jitter = 0, random = Math.random }: BackoffOptions): number {
  const wait = Math.min(max, initial * factor ** Math.min(failures, 64))
  return jitter === 0 ? wait : wait * (1 + jitter * random())
}
