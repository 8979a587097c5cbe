import { isNotFound } from '#apimachinery/api-error'
import { endpoints as endpointsKind } from '#api/core/v1/endpoints'
import { services } from '#api/core/v1/service'
import type { EndpointAddress, Endpoints } from '#api/core/v1/types'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/discovery/v1/types'
import { clone, sameData } from '#base/clone'
import { formatIp, parseIp } from '#base/ip'
import { defineController, on } from '#controller-runtime/controller'
import { controllerReference } from '#controller-runtime/owners'
import { familyOf } from './service-endpoints'
import { identityOf, portsKey } from './slices'

const managedBy = 'endpointslice.kubernetes.io/managed-by'
const serviceName = 'kubernetes.io/service-name'
const skipMirror = 'endpointslice.kubernetes.io/skip-mirror'
const leader = 'control-plane.alpha.kubernetes.io/leader'
const controllerName = 'endpointslicemirroring-controller.k8s.io'
const notMirrored: ReadonlySet<string> = new Set(['endpoints.kubernetes.io/last-change-trigger-time', 'kubectl.kubernetes.io/last-applied-configuration'])
const mostPerSubset = 1000

type Family = 'IPv4' | 'IPv6'
/** What one slice shall hold: the addresses of one family at one set of ports. */
interface Wanted { addressType: Family; ports: EndpointPort[]; endpoints: Endpoint[] }

const mirrors = ({ metadata }: Endpoints): boolean => metadata.labels?.[skipMirror] !== 'true' && metadata.annotations?.[leader] === undefined

/** Copies Endpoints that users write for a service without selector to slices, since readers look at nothing else. */
export const endpointsliceMirroring = defineController({
  name: 'endpointslice-mirroring-controller',
  serviceAccount: 'endpointslicemirroring-controller',
  component: 'endpoint-slice-mirroring-controller',
  watches: [
    on(services, undefined, { when: (service, old) => !service || !old || (service.spec.selector === undefined) !== (old.spec.selector === undefined) }),
    on(endpointsKind, undefined, { when: (object, old) => (object !== undefined && mirrors(object)) || (old !== undefined && mirrors(old)) }),
    on(endpointslices, sourceOf, { indexes: { mirrorOf: sourceOf } }),
  ],
  writes: [endpointslices],

  async reconcile(key, { cached, client, expectations, tell }) {
    if (!expectations.met(key)) return
    const informer = cached(endpointslices)
    const source = cached(endpointsKind).get(key)
    const service = cached(services).get(key)
    const existing = informer.by('mirrorOf', key).filter(({ metadata }) => !metadata.deletionTimestamp)
    const drop = async (slice: EndpointSlice): Promise<void> => {
      await client.delete(endpointslices, slice.metadata).catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
      expectations.deleted(key, informer, slice)
    }
    if (!source || !mirrors(source) || !service || service.spec.selector) {
      for (const slice of existing) await drop(slice)
      return
    }

    const { wanted, invalid, skipped } = wantedOf(source)
    if (invalid > 0) tell(endpointsKind, source, 'Warning', 'InvalidIPAddress', `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`)
    if (skipped > invalid)
      tell(endpointsKind, source, 'Warning', 'TooManyAddressesToMirror', `A max of ${mostPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`)

    const own = metadataOf(source)
    const left = new Set(existing)
    const missing: Wanted[] = []
    for (const group of wanted) {
      const slice = existing.find((candidate) => left.has(candidate) && candidate.addressType === group.addressType && portsKey(candidate.ports) === portsKey(group.ports))
      if (!slice) {
        missing.push(group)
        continue
      }
      left.delete(slice)
      await write(slice, group)
    }
    // The ports of a slice may change, its family may not.
    for (const group of missing) {
      const spare = [...left].find(({ addressType }) => addressType === group.addressType)
      if (spare) {
        left.delete(spare)
        await write(spare, group)
      } else if (!source.metadata.deletionTimestamp) {
        const { namespace, name } = source.metadata
        const made = await client.create(endpointslices, { metadata: { namespace, generateName: `${name}-`, ...own }, ...group })
        expectations.created(key, informer, made)
      }
    }
    for (const slice of left) await drop(slice)

    async function write(slice: EndpointSlice, group: Wanted): Promise<void> {
      const { labels = {}, annotations = {}, ownerReferences } = slice.metadata
      const same = sameData({ labels, annotations, ownerReferences }, own) && sameData(slice.endpoints ?? [], group.endpoints) && portsKey(slice.ports) === portsKey(group.ports)
      if (!same) await client.update(endpointslices, { ...clone(slice), ...group, metadata: { ...clone(slice.metadata), ...own } })
    }
  },
})

/** The key of the Endpoints that a slice was copied from. */
function sourceOf({ metadata: { namespace, labels } }: EndpointSlice): string[] {
  return labels?.[managedBy] === controllerName && labels[serviceName] ? [`${namespace}/${labels[serviceName]}`] : []
}

function metadataOf(source: Endpoints): Required<Pick<EndpointSlice['metadata'], 'labels' | 'annotations' | 'ownerReferences'>> {
  const { name, labels, annotations = {} } = source.metadata
  return {
    labels: { ...labels, [serviceName]: name, [managedBy]: controllerName },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !notMirrored.has(key))),
    ownerReferences: [controllerReference(endpointsKind, source)],
  }
}

/** Subsets of the same ports are one; `skipped` counts invalid addresses too. */
function wantedOf({ subsets = [] }: Endpoints): { wanted: Wanted[]; invalid: number; skipped: number } {
  const merged = new Map<string, { ports: EndpointPort[]; addresses: Map<string, { address: EndpointAddress; ready: boolean }> }>()
  for (const subset of subsets) {
    const ports = (subset.ports ?? []).map(({ name = '', port, protocol, appProtocol }) => ({ name, port, protocol, ...(appProtocol ? { appProtocol } : {}) }))
    const id = portsKey(ports)
    if (!merged.has(id)) merged.set(id, { ports, addresses: new Map() })
    const { addresses } = merged.get(id)!
    const add = (address: EndpointAddress, ready: boolean): void => {
      const key = `${address.ip}|${address.targetRef?.uid ?? ''}`
      // One that is not ready somewhere is not ready.
      if (!ready || !addresses.has(key)) addresses.set(key, { address, ready })
    }
    for (const address of subset.addresses ?? []) add(address, true)
    for (const address of subset.notReadyAddresses ?? []) add(address, false)
  }

  const wanted: Wanted[] = []
  let invalid = 0
  let skipped = 0
  for (const { ports, addresses } of merged.values()) {
    const families: Record<Family, Map<string, Endpoint>> = { IPv4: new Map(), IPv6: new Map() }
    let added = 0
    // Where there are too many, those that are ready are taken.
    for (const { address, ready } of [...addresses.values()].sort((a, b) => Number(b.ready) - Number(a.ready))) {
      if (added >= mostPerSubset) break
      const family = familyOf(address.ip)
      if (!family) {
        invalid++
        continue
      }
      const endpoint = endpointOf(address, ready)
      families[family].set(identityOf(endpoint), endpoint)
      added++
    }
    skipped += addresses.size - added
    for (const addressType of ['IPv4', 'IPv6'] as const) if (families[addressType].size > 0) wanted.push({ addressType, ports, endpoints: [...families[addressType].values()] })
  }
  return { wanted, invalid, skipped }
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [formatIp(parseIp(ip)!)], conditions: { ready }, ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef: clone(targetRef) } : {}), ...(nodeName ? { nodeName } : {}),
  }
}
