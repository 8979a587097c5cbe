import { events } from '#api/core/v1/event'
import type { Event } from '#api/core/v1/types'
import { tooManyRequests } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'

export interface EventLimit {
  readonly type: 'Server' | 'Namespace' | 'User' | 'SourceAndObject'
  /** Events a second, over time. */
  readonly qps: number
  /** Events at once. */
  readonly burst: number
  /** How many namespaces, users or sources are remembered; 4096 unless said otherwise. */
  readonly cacheSize?: number
}

const keys: Readonly<Record<EventLimit['type'], (request: AdmissionRequest) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject({ object }) {
    const { source, involvedObject: about } = object as Event
    return [source?.component, source?.host, about?.kind, about?.namespace, about?.name, about?.uid, about?.apiVersion].map((part) => part ?? '').join('')
  },
}

/** Nobody floods the store with events. */
export function eventRateLimit({ clock, limits = [] }: { clock: Pick<Clock, 'monotonic'>; limits?: readonly EventLimit[] }): AdmissionPlugin {
  const enforcers = limits.map((limit) => enforcerOf(limit, clock))
  return {
    name: 'EventRateLimit',
    handles: (operation, resource) => (operation === 'CREATE' || operation === 'UPDATE') && resource.resource === events.resource && resource.kind === 'Event',
    validate(request) {
      if (request.dryRun) return
      const reached = enforcers.flatMap((accept) => accept(request) ?? [])
      if (reached.length > 0) throw tooManyRequests(reached.length === 1 ? reached[0]! : `[${reached.join(', ')}]`, 0)
    },
  }
}

/** A bucket for each key; those that were not used for longest are forgotten. */
function enforcerOf({ type, qps, burst, cacheSize = 4096 }: EventLimit, clock: Pick<Clock, 'monotonic'>): (request: AdmissionRequest) => string | undefined {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (request) => {
    const key = keys[type](request)
    const now = clock.monotonic()
    const bucket = buckets.get(key) ?? { tokens: burst, at: now }
    buckets.delete(key)
    buckets.set(key, bucket)
    if (buckets.size > (cacheSize || 4096)) buckets.delete(buckets.keys().next().value!)
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * qps)
    bucket.at = now
    if (bucket.tokens < 1) return `limit reached on type ${type} for key ${key}`
    bucket.tokens--
    return undefined
  }
}
