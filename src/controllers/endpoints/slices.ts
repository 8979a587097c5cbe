import type { Endpoint, EndpointPort, EndpointSlice } from '#api/discovery/v1/types'
import { sameData } from '#base/clone'

/** Endpoints of one set of ports: what the slices of one address type shall hold. */
export interface Wanted { ports: EndpointPort[]; endpoints: Map<string, Endpoint> }

export interface SliceChanges {
  create: { ports: EndpointPort[]; endpoints: Endpoint[] }[]
  update: { slice: EndpointSlice; endpoints: Endpoint[] }[]
  delete: EndpointSlice[]
}

/** Tells endpoints apart, whatever their state. */
export const identityOf = ({ addresses, targetRef }: Endpoint): string => `${[...addresses].sort().join(',')}|${targetRef?.uid ?? ''}|${targetRef?.name ?? ''}`

export function portsKey(ports: readonly EndpointPort[] | undefined): string {
  return (ports ?? []).map(({ name = '', protocol = 'TCP', port, appProtocol = '' }) => `${name}|${protocol}|${port}|${appProtocol}`).sort().join(';')
}

/**
 * Brings slices to hold what is wanted with as few writes as possible, since every write goes to every node: endpoints stay
 * in the slice they are in, new ones fill slices that change anyway, then one that has room for all, then new slices.
 */
export function planSlices(existing: readonly EndpointSlice[], wanted: ReadonlyMap<string, Wanted>, most: number): SliceChanges {
  const changes: SliceChanges = { create: [], update: [], delete: [] }
  const byPorts = new Map<string, EndpointSlice[]>()
  for (const slice of existing) {
    const key = portsKey(slice.ports)
    if (!wanted.has(key)) changes.delete.push(slice)
    else if (byPorts.has(key)) byPorts.get(key)!.push(slice)
    else byPorts.set(key, [slice])
  }
  for (const [key, group] of wanted) planGroup(byPorts.get(key) ?? [], group, most, changes)
  return changes
}

function planGroup(existing: readonly EndpointSlice[], { ports, endpoints }: Wanted, most: number, changes: SliceChanges): void {
  const left = new Map(endpoints)
  const changed: { slice: EndpointSlice; endpoints: Endpoint[] }[] = []
  const unchanged: { slice: EndpointSlice; endpoints: Endpoint[] }[] = []
  for (const slice of existing) {
    const before = slice.endpoints ?? []
    const kept: Endpoint[] = []
    let differs = false
    for (const endpoint of before) {
      const id = identityOf(endpoint)
      const now = left.get(id)
      left.delete(id)
      if (now) kept.push(now)
      if (!now || !sameData(now, endpoint)) differs = true
    }
    if (differs) changed.push({ slice, endpoints: kept })
    else unchanged.push({ slice, endpoints: kept })
  }

  const rest = [...left.values()]
  for (const { endpoints: list } of changed.sort((a, b) => b.endpoints.length - a.endpoints.length)) list.push(...rest.splice(0, Math.max(0, most - list.length)))
  const last = rest.length % most || rest.length
  const roomy = rest.length > 0 ? unchanged.filter(({ endpoints: list }) => list.length + last <= most).sort((a, b) => b.endpoints.length - a.endpoints.length)[0] : undefined
  if (roomy) {
    roomy.endpoints.push(...rest.splice(0, last))
    changed.push(roomy)
  }
  while (rest.length > 0) changes.create.push({ ports, endpoints: rest.splice(0, most) })
  for (const change of changed) {
    if (change.endpoints.length > 0) changes.update.push(change)
    else changes.delete.push(change.slice)
  }
}
