import { leases } from '#api/coordination/v1/lease'
import type { Lease } from '#api/coordination/v1/types'
import type { Node, NodeCondition } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import type { Cached } from '#controller-runtime/controller'
import { nodeCondition } from '#component-helpers/node-status'

/** When we last heard of a node, by our own clock: those of the nodes may be wrong. */
export interface Heartbeats extends Disposable {
  /** Looks at a node and its lease. Returns when it was last heard of, in milliseconds since 1970. */
  heard(node: Node): number
  forget(name: string): void
  /** After we were cut off nobody is blamed for the silence. */
  pardonAll(): void
}

interface Beat { uid: string; at: number; posted: string | undefined; renewed: string | undefined }

const leaseNamespace = 'kube-node-lease'

export function createHeartbeats(cached: Cached, clock: Clock): Heartbeats {
  const beats = new Map<string, Beat>()
  const renew = (beat: Beat | undefined, lease: Lease | undefined): void => {
    const renewTime = lease?.spec?.renewTime
    if (!beat || !renewTime || (beat.renewed !== undefined && Date.parse(renewTime) <= Date.parse(beat.renewed))) return
    beat.renewed = renewTime
    beat.at = clock.now()
  }
  // Nodes renew their leases all the time: that is noted here, and wakes nobody.
  const watching = cached(leases).on((lease) => {
    if (lease?.metadata.namespace === leaseNamespace) renew(beats.get(lease.metadata.name), lease)
  })

  return {
    heard(node) {
      const { name, uid, creationTimestamp } = node.metadata
      const posted = nodeCondition(node, 'Ready')?.lastHeartbeatTime
      const ready = nodeCondition(node, 'Ready')
      let beat = beats.get(name)
      if (beat?.uid !== uid) beats.set(name, (beat = { uid, at: ready ? clock.now() : Date.parse(creationTimestamp), posted, renewed: undefined }))
      if (beat.posted !== posted) {
        beat.posted = posted
        beat.at = clock.now()
      }
      renew(beat, cached(leases).get(`${leaseNamespace}/${name}`))
      return beat.at
    },
    forget: (name) => void beats.delete(name),
    pardonAll() {
      for (const beat of beats.values()) beat.at = clock.now()
    },
    [Symbol.dispose]: () => watching[Symbol.dispose](),
  }
}

/** The conditions of a node that is silent, as its kubelet would not post them: all that it is responsible for are unknown. */
export function silentConditions({ status, metadata }: Node, now: string): NodeCondition[] {
  const conditions = [...(status?.conditions ?? [])]
  for (const type of ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']) {
    const index = conditions.findIndex((condition) => condition.type === type)
    const before = conditions[index]
    if (!before) {
      conditions.push({
        type, status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.',
        lastHeartbeatTime: metadata.creationTimestamp, lastTransitionTime: now,
      })
    } else if (before.status !== 'Unknown')
      conditions[index] = { ...before, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: now }
  }
  return conditions
}
