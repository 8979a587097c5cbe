import { isConflict } from '#apimachinery/api-error'
import { waitAfter } from '#base/backoff'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { isNamespaceTerminating } from './namespace-terminating'
import type { WorkQueueMetrics } from './work-queue-metrics'

/** Keys that need work. A key waits at most once, is worked on by one worker at a time, and again if it was added meanwhile. */
export interface WorkQueue extends AsyncDisposable {
  add(key: string): void
  /** Later; the sooner of several counts. */
  addAfter(key: string, ms: number): void
  /** Keys that wait or are worked on, timers not counted. */
  readonly busy: number
}

export interface WorkQueueOptions {
  name: string
  workers: number
  /** Throws to be called again with growing waits; `requeueAfter` (ms) asks for another turn by the clock. */
  work(key: string): Promise<{ requeueAfter?: number } | void>
}
export interface WorkQueueDeps { clock: Clock; log: Log; metrics?: WorkQueueMetrics }

/**
 * A key that keeps its controller busy, such as a set whose thousand pods change one after another, rests between its turns:
 * what happens meanwhile is one piece of work. Milliseconds; shorter turns are followed by the next at once.
 */
const longTurn = 10
const longestRest = 100
const restAfter = (took: number): number => (took < longTurn ? 0 : Math.min(3 * took, longestRest))

/** client-go's default: 5 ms, doubled up to 1000 s, for each key. */
const patience = { initial: 5, max: 1_000_000 }

export function createWorkQueue({ name, workers, work }: WorkQueueOptions, { clock, log, metrics }: WorkQueueDeps): WorkQueue {
  /** In order of arrival. */
  const waiting = new Map<string, number>()
  const working = new Set<string>()
  const resting = new Map<string, Disposable>()
  const again = new Set<string>()
  const failures = new Map<string, number>()
  const timers = new Map<string, { due: number; timer: Disposable }>()
  const running = new Set<Promise<void>>()
  let closed = false
  let woken = false

  const add = (key: string): void => {
    if (closed) return
    if (working.has(key) || resting.has(key)) return void again.add(key)
    if (waiting.has(key)) return
    waiting.set(key, clock.monotonic())
    metrics?.added(name, waiting.size)
    if (woken) return
    // What else happens in this turn is seen first, so that a burst of events is one piece of work.
    woken = true
    queueMicrotask(() => {
      woken = false
      pump()
    })
  }

  const addAfter = (key: string, ms: number): void => {
    if (closed) return
    if (ms <= 0) return add(key)
    const due = clock.monotonic() + ms
    const before = timers.get(key)
    if (before && before.due <= due) return
    before?.timer[Symbol.dispose]()
    const timer = clock.after(ms, () => {
      timers.delete(key)
      add(key)
    })
    timers.set(key, { due, timer })
  }

  const pump = (): void => {
    for (const [key, since] of waiting) {
      if (closed || working.size >= workers) return
      waiting.delete(key)
      working.add(key)
      metrics?.started(name, waiting.size, clock.monotonic() - since)
      const run = process(key).finally(() => running.delete(run))
      running.add(run)
    }
  }

  const rest = (key: string, ms: number): void => {
    const end = (): void => {
      resting.delete(key)
      if (again.delete(key)) add(key)
    }
    if (ms === 0 || closed) end()
    else resting.set(key, clock.after(ms, end))
  }

  const process = async (key: string): Promise<void> => {
    const started = clock.monotonic()
    try {
      const outcome = await work(key)
      failures.delete(key)
      if (outcome?.requeueAfter !== undefined) addAfter(key, outcome.requeueAfter)
    } catch (error) {
      if (!closed) {
        const count = failures.get(key) ?? 0
        failures.set(key, count + 1)
        metrics?.retried(name)
        if (isConflict(error)) log.debug('another writer was faster, will try again', { key })
        else if (isNamespaceTerminating(error)) log.debug('the namespace is being terminated, will try again', { key })
        else log.warn('could not reconcile, will try again', { key, failures: count + 1, error })
        addAfter(key, waitAfter(count, patience))
      }
    } finally {
      const took = clock.monotonic() - started
      working.delete(key)
      metrics?.finished(name, took)
      rest(key, restAfter(took))
      pump()
    }
  }

  return {
    add,
    addAfter,
    get busy() {
      return waiting.size + working.size
    },
    async [Symbol.asyncDispose]() {
      closed = true
      for (const { timer } of timers.values()) timer[Symbol.dispose]()
      timers.clear()
      for (const timer of resting.values()) timer[Symbol.dispose]()
      waiting.clear()
      await Promise.allSettled(running)
    },
  }
}
