import { isNotFound } from '#apimachinery/api-error'
import { endpoints as endpointsKind } from '#api/core/v1/endpoints'
import { pods } from '#api/core/v1/pod'
import { services } from '#api/core/v1/service'
import type { EndpointAddress, EndpointSubset, Pod, Service } from '#api/core/v1/types'
import { clone, sameData } from '#base/clone'
import { messageOf } from '#base/error-message'
import { parseIp } from '#base/ip'
import { defineController, on } from '#controller-runtime/controller'
import { isPodReady } from '#component-helpers/pod-status'
import { addressesOf, familyOf, hasEndpoint, isHeadless, isSelected, portOn, publishesHostname, selectsPod, watchPodsForServices } from './service-endpoints'

const headless = 'service.kubernetes.io/headless'
const managedBy = 'endpoints.kubernetes.io/managed-by'
const overCapacity = 'endpoints.kubernetes.io/over-capacity'
const most = 1000

type Port = NonNullable<EndpointSubset['ports']>[number]
interface Subset { ports: Port[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }

/** Publishes the addresses of a service's pods in one object by the service's name, for readers that know no slices. */
export const endpoints = defineController({
  name: 'endpoints-controller',
  serviceAccount: 'endpoint-controller',
  watches: [on(services), watchPodsForServices, on(endpointsKind)],
  writes: [endpointsKind],

  async reconcile(key, { cached, client, tell }) {
    const service = cached(services).get(key)
    const current = cached(endpointsKind).get(key)
    if (!service) {
      // Those that users made for services without selector are theirs.
      if (current?.metadata.labels?.[managedBy] === 'endpoint-controller') await client.delete(endpointsKind, current.metadata).catch(ignoreGone)
      return
    }
    if (!isSelected(service)) return
    const selected = cached(pods).list(service.metadata.namespace).filter((pod) => selectsPod(service, pod) && hasEndpoint(pod, !!service.spec.publishNotReadyAddresses))
    const { subsets, cut } = subsetsOf(service, selected)
    const labels: Record<string, string> = { ...service.metadata.labels, [managedBy]: 'endpoint-controller' }
    if (isHeadless(service)) labels[headless] = ''
    else delete labels[headless]
    const annotations: Record<string, string> = { ...current?.metadata.annotations, [overCapacity]: 'truncated' }
    if (!cut) delete annotations[overCapacity]
    if (current && sameData(current.subsets ?? [], subsets) && sameData(current.metadata.labels ?? {}, labels) && sameData(current.metadata.annotations ?? {}, annotations)) return

    const { namespace, name } = service.metadata
    try {
      if (!current) await client.create(endpointsKind, { metadata: { namespace, name, labels, annotations }, subsets })
      else await client.update(endpointsKind, { metadata: { ...clone(current.metadata), labels, annotations }, subsets })
    } catch (error) {
      const [reason, doing] = current ? ['FailedToUpdateEndpoint', 'update'] : ['FailedToCreateEndpoint', 'create']
      tell(services, service, 'Warning', reason, `Failed to ${doing} endpoint ${key}: ${messageOf(error)}`)
      throw error
    }
  },
})

function subsetsOf(service: Service, selected: readonly Pod[]): { subsets: EndpointSubset[]; cut: boolean } {
  const family = service.spec.ipFamilies?.[0] ?? (service.spec.clusterIP && service.spec.clusterIP !== 'None' ? familyOf(service.spec.clusterIP) : undefined)
  const groups = new Map<string, Subset>()
  for (const pod of selected) {
    const ip = addressesOf(pod).find((address) => !family || familyOf(address) === family)
    if (!ip) continue
    const ports: Port[] = []
    for (const servicePort of service.spec.ports ?? []) {
      const port = portOn(pod, servicePort)
      if (port !== undefined) ports.push({ ...(servicePort.name ? { name: servicePort.name } : {}), port, protocol: servicePort.protocol, ...(servicePort.appProtocol ? { appProtocol: servicePort.appProtocol } : {}) })
    }
    if (ports.length === 0 && (service.spec.ports?.length || !isHeadless(service))) continue
    ports.sort((a, b) => compare(a.name ?? '', b.name ?? '') || a.port - b.port || compare(a.protocol ?? '', b.protocol ?? ''))
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] }
    groups.set(key, group)
    const ready = service.spec.publishNotReadyAddresses || isPodReady(pod)
    ;(ready ? group.ready : group.notReady).push(addressOf(pod, ip, service))
  }

  let left = most
  let cut = false
  const keep = (list: EndpointAddress[]): EndpointAddress[] => {
    const sorted = list.sort((a, b) => compareIps(a.ip, b.ip))
    if (sorted.length > left) cut = true
    const kept = sorted.slice(0, left)
    left -= kept.length
    return kept
  }
  const sorted = [...groups].sort(([a], [b]) => compare(a, b)).map(([, group]) => group)
  const ready = sorted.map((group) => keep(group.ready))
  const subsets = sorted.map((group, i): EndpointSubset => {
    const notReady = keep(group.notReady)
    return {
      ...(ready[i]!.length > 0 ? { addresses: ready[i] } : {}), ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ...(group.ports.length > 0 ? { ports: group.ports } : {}),
    }
  })
  return { subsets: subsets.filter(({ addresses, notReadyAddresses }) => addresses || notReadyAddresses), cut }
}

function addressOf(pod: Pod, ip: string, service: Service): EndpointAddress {
  const { namespace, name, uid } = pod.metadata
  return {
    ip, ...(publishesHostname(pod, service) ? { hostname: pod.spec.hostname } : {}), ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
function compareIps(a: string, b: string): number {
  const [x, y] = [parseIp(a)?.value ?? 0n, parseIp(b)?.value ?? 0n]
  return x < y ? -1 : x > y ? 1 : 0
}

function ignoreGone(error: unknown): void {
  if (!isNotFound(error)) throw error
}
