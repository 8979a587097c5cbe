import { isLongRunning } from '../long-running'
import type { Stop } from '../handler-chain'
import { tooManyRequests } from '../plain-refusal'

export interface MaxInFlightOptions {
  /** 0: as many as come. */
  readonly readOnly: number
  readonly mutating: number
}

const reads = new Set(['get', 'list', 'watch'])

/** Without priority and fairness: so many requests that read and so many that write are served at a time. Administrators always are. */
export function maxInFlight({ readOnly, mutating }: MaxInFlightOptions): Stop {
  const counts = { readOnly: 0, mutating: 0 }
  return (exchange) => {
    const { info } = exchange
    if (exchange.inProcess || isLongRunning(info)) return
    const sort = reads.has(info.verb) ? 'readOnly' : 'mutating'
    const limit = sort === 'readOnly' ? readOnly : mutating
    if (limit === 0) return
    if (counts[sort] >= limit) {
      if (exchange.user.groups.includes('system:masters')) return
      throw tooManyRequests(1)
    }
    counts[sort]++
    exchange.finished.push(() => counts[sort]--)
  }
}
