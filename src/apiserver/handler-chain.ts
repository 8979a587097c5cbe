import type { Exchange, Result } from './exchange'

/** Looks at a request, or refuses it with an ApiError. A promise only where it must wait. */
export type Stop = (exchange: Exchange) => void | Promise<void>
export type Handler = (exchange: Exchange) => Result | Promise<Result>

export interface Stops {
  readonly authenticate: Stop
  readonly audit: Stop
  readonly impersonate: Stop
  readonly flowControl: Stop
  readonly authorize: Stop
  readonly serve: Handler
}

/**
 * A request's way, in order. The listeners (`listener/`) have read its line into a RequestInfo before, and write what comes
 * back; decoding, the write loop and encoding belong to the verbs behind `serve`.
 */
export function handlerChain({ authenticate, audit, impersonate, flowControl, authorize, serve }: Stops): Handler {
  const stops: readonly Stop[] = [authenticate, audit, impersonate, flowControl, authorize]
  const from = (first: number, exchange: Exchange): Result | Promise<Result> => {
    for (let i = first; i < stops.length; i++) {
      const waiting = stops[i]!(exchange)
      if (waiting) return waiting.then(() => from(i + 1, exchange))
    }
    return serve(exchange)
  }
  return (exchange) => from(0, exchange)
}

/** The answer is out: lets go of what the stops hold. */
export function finish(exchange: Exchange, code: number): void {
  const { finished } = exchange
  for (let i = finished.length - 1; i >= 0; i--) finished[i]!(code)
}
