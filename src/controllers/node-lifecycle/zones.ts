import type { Clock } from '#base/clock'

/** How much of a zone works. Where little does, the network between it and us is more likely to have failed than its nodes. */
type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

export interface ZoneRates {
  /** `--node-eviction-rate`: nodes of a healthy zone that are tainted per second. */
  evictionRate: number
  /** `--secondary-node-eviction-rate`: of a zone that is partly down. */
  secondaryEvictionRate: number
  /** `--large-cluster-size-threshold`: smaller zones that are partly down are left alone. */
  largeClusterSizeThreshold: number
  /** `--unhealthy-zone-threshold`: from this share on a zone is partly down. */
  unhealthyZoneThreshold: number
}

export interface Zones {
  /** Says how a node is. True where that changed how fast any nodes may be tainted: then all are looked at again. */
  set(node: string, zone: string, ready: boolean, counts: boolean): boolean
  delete(node: string): boolean
  /** No node of any zone is ready: it is more likely that we are cut off. */
  readonly cutOff: boolean
  /** Milliseconds until another node of the zone may be tainted, 0 (and it is used up): now, undefined: not as things are. */
  take(zone: string): number | undefined
}

interface Zone { ready: number; notReady: number; rate: number; lastTaken: number }

export function createZones({ evictionRate, secondaryEvictionRate, largeClusterSizeThreshold, unhealthyZoneThreshold }: ZoneRates, clock: Clock): Zones {
  const zones = new Map<string, Zone>()
  const nodes = new Map<string, { zone: string; ready: boolean; counts: boolean }>()
  let cutOff = false

  // Zones are few, and stay known: what was taken in one counts when its nodes come back.
  const zoneOf = (name: string): Zone => {
    let zone = zones.get(name)
    if (!zone) zones.set(name, (zone = { ready: 0, notReady: 0, rate: evictionRate, lastTaken: -Infinity }))
    return zone
  }
  const count = (name: string, ready: boolean, by: 1 | -1): void => {
    const zone = zoneOf(name)
    if (ready) zone.ready += by
    else zone.notReady += by
  }

  const stateOf = ({ ready, notReady }: Zone): ZoneState => {
    if (ready === 0 && notReady > 0) return 'FullDisruption'
    return notReady > 2 && notReady / (ready + notReady) >= unhealthyZoneThreshold ? 'PartialDisruption' : 'Normal'
  }
  const rateOf = (zone: Zone): number => {
    if (stateOf(zone) !== 'PartialDisruption') return evictionRate
    return zone.ready + zone.notReady > largeClusterSizeThreshold ? secondaryEvictionRate : 0
  }

  const judge = (): boolean => {
    const before = cutOff
    const populated = [...zones.values()].filter(({ ready, notReady }) => ready + notReady > 0)
    cutOff = populated.length > 0 && populated.every((zone) => stateOf(zone) === 'FullDisruption')
    let changed = before !== cutOff
    for (const zone of populated) {
      const rate = rateOf(zone)
      if (zone.rate !== rate) changed = true
      zone.rate = rate
    }
    return changed
  }

  return {
    get cutOff() {
      return cutOff
    },
    set(node, zone, ready, counts) {
      const before = nodes.get(node)
      if (before && before.zone === zone && before.ready === ready && before.counts === counts) return false
      if (before?.counts) count(before.zone, before.ready, -1)
      nodes.set(node, { zone, ready, counts })
      if (counts) count(zone, ready, 1)
      return judge()
    },
    delete(node) {
      const before = nodes.get(node)
      nodes.delete(node)
      if (before?.counts) count(before.zone, before.ready, -1)
      return judge()
    },
    take(name) {
      if (cutOff) return undefined
      const zone = zoneOf(name)
      if (zone.rate === 0) return undefined
      const wait = zone.lastTaken + 1000 / zone.rate - clock.monotonic()
      if (wait > 0) return wait
      zone.lastTaken = clock.monotonic()
      return 0
    },
  }
}
