import { ApiError } from '#apimachinery/api-error'
import type { Exchange } from '../exchange'
import { PlainRefusal } from '../plain-refusal'

export interface Draining {
  /** Nothing new is let in. */
  readonly active: boolean
  /** Each request, when it comes and when its answer is out. */
  begun(lasting: boolean): void
  done(lasting: boolean): void
  /** Throws while the server goes. Probes, metrics and other API servers are answered to the end. */
  refuse(exchange: Exchange): void
  /** From now on. Resolves when everything that had begun is answered; what lasts by its nature has a promise of its own. */
  start(): { readonly answered: Promise<void>; readonly lastingGone: Promise<void> }
}

const exempt = ['/readyz', '/livez', '/healthz', '/metrics']

/** Counts what is under way, so that a server can go without dropping any of it. */
export function createDraining(sendRetryAfter: boolean): Draining {
  const counts = { short: 0, lasting: 0 }
  const waiting: { sort: 'short' | 'lasting'; resolve: () => void }[] = []
  let active = false

  const whenNone = (sort: 'short' | 'lasting'): Promise<void> =>
    new Promise((resolve) => (counts[sort] === 0 ? resolve() : waiting.push({ sort, resolve })))
  return {
    get active() {
      return active
    },
    begun: (lasting) => void (lasting ? counts.lasting++ : counts.short++),
    done(lasting) {
      const sort = lasting ? 'lasting' : 'short'
      if (--counts[sort] > 0 || waiting.length === 0) return
      for (const one of waiting) if (one.sort === sort) one.resolve()
    },
    refuse({ info, headers }) {
      if (!active) return
      const agent = headers['user-agent']
      if (exempt.some((path) => info.path.startsWith(path)) || (typeof agent === 'string' && agent.startsWith('kube-apiserver/'))) return
      if (sendRetryAfter) throw new PlainRefusal(429, 'TooManyRequests', 'The apiserver is shutting down, please try again later.', { retryAfterSeconds: 5 })
      throw new ApiError(503, 'ServiceUnavailable', 'apiserver is shutting down', { retryAfterSeconds: 1 })
    },
    start() {
      active = true
      return { answered: whenNone('short'), lastingGone: whenNone('lasting') }
    },
  }
}
