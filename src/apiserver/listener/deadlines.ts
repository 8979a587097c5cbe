import { badRequest, ApiError } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import { Slots, type Slotted } from '#base/slots'
import { parseDuration } from '#component-base/options/duration'
import type { RequestInfo } from '../request-info'

/** Something that is to be done in time. */
export interface Due extends Slotted {
  /** On the clock that never goes back; set by `Deadlines`. */
  at: number
  /** Called when it is not; never after `done`. */
  expired(): void
}

/** Ends requests that take too long. Nearly all are done long before: one timer, for the first that may be due, looks after all of them. Times are milliseconds. */
export class Deadlines {
  private readonly clock: Clock
  private readonly longest: number
  private readonly waiting = new Slots<Due>()
  private timer: Disposable | undefined
  private looksAt = Infinity

  constructor(clock: Clock, longest: number) {
    this.clock = clock
    this.longest = longest
  }

  add(due: Due, ms = this.longest): void {
    due.at = this.clock.monotonic() + Math.min(ms, this.longest)
    this.waiting.add(due)
    if (due.at < this.looksAt) this.lookAt(due.at)
  }

  done(due: Due): void {
    this.waiting.delete(due)
  }

  [Symbol.dispose](): void {
    this.timer?.[Symbol.dispose]()
  }

  private lookAt(at: number): void {
    this.timer?.[Symbol.dispose]()
    this.looksAt = at
    this.timer = this.clock.after(Math.max(1, at - this.clock.monotonic()), () => this.look())
  }

  private look(): void {
    this.looksAt = Infinity
    const now = this.clock.monotonic()
    let next = Infinity
    for (const due of this.waiting) {
      if (due.at > now + 0.5) next = Math.min(next, due.at)
      else {
        this.waiting.delete(due)
        due.expired()
      }
    }
    // Who was let down may have asked again meanwhile.
    if (next < this.looksAt) this.lookAt(next)
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
