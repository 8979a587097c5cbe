import type { EtcdConnection } from './connection'
import { decodeLeaseGrant, encodeLeaseGrant } from './messages'

/** Keys that are to live about as long share a lease: for this part of their time, and no longer than a minute. */
const sharedPart = 0.05
const longestShareMs = 60_000

export type Leases = { of(ttlSeconds: number): Promise<bigint> }

/** Leases that keys are bound to so that etcd deletes them when their time is over: not before, and at most a minute after. */
export function createLeases(connection: EtcdConnection): Leases {
  const shared = new Map<number, { until: number; id: Promise<bigint> }>()

  return {
    of(ttlSeconds) {
      const now = performance.now()
      const found = shared.get(ttlSeconds)
      if (found && now < found.until) return found.id
      const shareMs = Math.min(longestShareMs, ttlSeconds * 1000 * sharedPart)
      const request = encodeLeaseGrant(Math.ceil(ttlSeconds + shareMs / 1000))
      const id = connection.write({ path: '/etcdserverpb.Lease/LeaseGrant', request, decode: decodeLeaseGrant })
      shared.set(ttlSeconds, { until: now + shareMs, id })
      // One that was not granted is not shared; whoever asked for it hears why.
      id.catch(() => shared.delete(ttlSeconds))
      return id
    },
  }
}
