import { badRequest, ApiError } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import { parseDuration } from '#component-base/options/duration'
import type { RequestInfo } from '../request-info'

/** Something that is to be done in time. */
export interface Due {
  /** Called when it is not; never after `done`. */
  expired(): void
}

/**
 * Ends requests that take too long. Most have the same time, so that they are due in the order in which they came: one timer for all of them.
 * Times are milliseconds.
 */
export class Deadlines {
  private readonly clock: Clock
  private readonly longest: number
  private readonly waiting = new Map<Due, number>()
  /** Those that asked for less. */
  private readonly timers = new Map<Due, Disposable>()
  private timer: Disposable | undefined

  constructor(clock: Clock, longest: number) {
    this.clock = clock
    this.longest = longest
  }

  add(due: Due, ms: number | undefined): void {
    if (ms !== undefined && ms < this.longest) {
      this.timers.set(due, this.clock.after(ms, () => {
        this.timers.delete(due)
        due.expired()
      }))
      return
    }
    this.waiting.set(due, this.clock.monotonic() + this.longest)
    this.timer ??= this.clock.after(this.longest, () => this.look())
  }

  done(due: Due): void {
    if (this.waiting.delete(due)) return
    this.timers.get(due)?.[Symbol.dispose]()
    this.timers.delete(due)
  }

  [Symbol.dispose](): void {
    this.timer?.[Symbol.dispose]()
    for (const timer of this.timers.values()) timer[Symbol.dispose]()
  }

  private look(): void {
    this.timer = undefined
    const now = this.clock.monotonic()
    for (const [due, at] of this.waiting) {
      if (at > now + 0.5) {
        this.timer = this.clock.after(Math.max(1, at - now), () => this.look())
        return
      }
      this.waiting.delete(due)
      due.expired()
    }
  }
}

/** What a request asks for by `?timeout=`; undefined where it does not, or wants no end (the server's own counts then). Throws 400. */
export function askedTimeout({ query }: RequestInfo): number | undefined {
  const value = query.size === 0 ? null : query.get('timeout')
  if (value === null || value === '') return undefined
  const ms = parseDuration(value)
  if (ms === undefined) throw badRequest(`invalid timeout specified in the request URL - ${durationProblem(value)}`)
  return ms > 0 ? ms : undefined
}

/** In the words of Go's time.ParseDuration. */
function durationProblem(text: string): string {
  const quoted = JSON.stringify(text)
  if (/^[+-]?\d+(\.\d*)?$/.test(text)) return `time: missing unit in duration ${quoted}`
  const unit = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)([^\d.]+)/.exec(text)?.[1]
  return unit === undefined ? `time: invalid duration ${quoted}` : `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`
}

export const timedOut = (): ApiError => new ApiError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {})
