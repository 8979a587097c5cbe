import type { RequestInfo } from '../request-info'

/** How much of a priority level a request takes: seats while it is served, and seats for a while after, when watchers hear of it. */
export interface WorkEstimate {
  readonly initialSeats: number
  readonly finalSeats: number
  /** Milliseconds that the final seats are held after the answer. */
  readonly additionalLatency: number
}

/** What is known of the objects of a resource. */
export interface ObjectStats {
  readonly count: number
  /** Bytes, about. */
  readonly averageSize: number
}

const bytesPerSeat = 100_000
/** Lists are sent in pieces: more is never in memory for one of them. */
const mostOfAList = 1_000_000
const largestObject = 1_500_000
const mostListSeats = 100
const mostMutatingSeats = 10
const watchesPerSeat = 10
const perEvent = 5

const one: WorkEstimate = { initialSeats: 1, finalSeats: 0, additionalLatency: 0 }
const limited = (seats: number, most: number): number => Math.max(1, Math.min(seats, most))

/**
 * @param maxSeats Of the priority level; 0: it has none.
 * @param watches How many watch what is about to change.
 */
export function estimateWork(info: RequestInfo, maxSeats: number, stats: () => ObjectStats | undefined, watches: () => number): WorkEstimate {
  switch (info.verb) {
    case 'list':
    case 'watch':
      return info.isResource ? list(info, maxSeats === 0 ? mostListSeats : Math.min(maxSeats, mostListSeats), stats) : one
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return info.isResource ? mutation(info, maxSeats === 0 ? mostMutatingSeats : Math.min(maxSeats, mostMutatingSeats), watches) : one
    default:
      return one
  }
}

function list({ verb, query, name }: RequestInfo, maxSeats: number, stats: () => ObjectStats | undefined): WorkEstimate {
  if (verb === 'watch') {
    const initial = query.get('sendInitialEvents') === 'true' || (query.get('resourceVersion') ?? '0') === '0' || query.get('resourceVersion') === ''
    if (!initial) return one
  }
  const known = stats()
  if (!known) return one
  const wanted = Number(query.get('limit') ?? 0)
  const count = name !== '' ? 1 : wanted > 0 ? Math.min(wanted, known.count) : known.count
  const memory = Math.min(count * (known.averageSize || largestObject), mostOfAList)
  return { initialSeats: limited(Math.ceil(memory / bytesPerSeat), maxSeats), finalSeats: 0, additionalLatency: 0 }
}

function mutation({ resource, subresource }: RequestInfo, maxSeats: number, watches: () => number): WorkEstimate {
  if (resource === 'serviceaccounts' && subresource === 'token') return one
  const count = watches()
  if (count < watchesPerSeat) return one
  const seats = Math.ceil(count / watchesPerSeat)
  const finalSeats = limited(seats, maxSeats)
  return { initialSeats: 1, finalSeats, additionalLatency: (seats * perEvent) / finalSeats }
}

export const seatsOf = ({ initialSeats, finalSeats }: WorkEstimate): number => Math.max(initialSeats, finalSeats)
/** Seat-seconds, as milliseconds: what a request costs its queue, when it is not known yet how long it takes. */
export const workOf = ({ initialSeats, finalSeats, additionalLatency }: WorkEstimate, serviceMs: number): number => initialSeats * serviceMs + finalSeats * additionalLatency
