import { isNotFound } from '#apimachinery/api-error'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { services } from '#api/core/v1/service'
import type { Pod, Service } from '#api/core/v1/types'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import type { Endpoint, EndpointPort, EndpointSlice } from '#api/discovery/v1/types'
import { clone, sameData } from '#base/clone'
import { defineController, on, reading } from '#controller-runtime/controller'
import { controllerReference } from '#controller-runtime/owners'
import { isPodReady } from '#component-helpers/pod-status'
import { addressesOf, familyOf, hasEndpoint, isHeadless, isSelected, portOn, publishesHostname, selectsPod, watchPodsForServices } from './service-endpoints'
import { identityOf, planSlices, portsKey } from './slices'
import type { Wanted } from './slices'

const managedBy = 'endpointslice.kubernetes.io/managed-by'
const serviceName = 'kubernetes.io/service-name'
const headless = 'service.kubernetes.io/headless'
const reserved: ReadonlySet<string> = new Set([managedBy, serviceName, headless])
const controllerName = 'endpointslice-controller.k8s.io'
const mostPerSlice = 100
const zoneLabel = 'topology.kubernetes.io/zone'

/** Publishes the addresses of a service's pods in slices of at most 100, by address family and by ports. */
export const endpointslice = defineController({
  name: 'endpointslice-controller',
  watches: [
    on(services), watchPodsForServices,
    on(endpointslices, ({ metadata: { namespace, labels } }) => (labels?.[managedBy] === controllerName && labels[serviceName] ? [`${namespace}/${labels[serviceName]}`] : []), {
      indexes: { service: ({ metadata: { namespace, labels } }) => (labels?.[managedBy] === controllerName ? [`${namespace}/${labels[serviceName]}`] : []) },
    }),
    // A pod whose node is not known yet has no zone; nodes rarely change theirs.
    on(nodes, ({ metadata }, cached) => {
      const keys = new Set<string>()
      for (const pod of cached(pods).by('node', metadata.name))
        for (const service of cached(services).list(pod.metadata.namespace)) if (selectsPod(service, pod)) keys.add(`${pod.metadata.namespace}/${service.metadata.name}`)
      return keys
    }, { when: (node, old) => !node || node.metadata.labels?.[zoneLabel] !== old?.metadata.labels?.[zoneLabel] }),
    reading(pods, { indexes: { node: ({ spec }) => (spec.nodeName ? [spec.nodeName] : []) } }),
  ],
  writes: [endpointslices],

  async reconcile(key, { cached, client, expectations, tell }) {
    const service = cached(services).get(key)
    if (!service) return expectations.forget(key)
    if (!isSelected(service) || !expectations.met(key)) return
    const informer = cached(endpointslices)
    const existing = informer.by('service', key).filter(({ metadata }) => !metadata.deletionTimestamp)
    const selected = cached(pods).list(service.metadata.namespace).filter((pod) => selectsPod(service, pod) && hasEndpoint(pod, true))
    const families = familiesOf(service)
    const errors: Error[] = []

    for (const slice of existing) if (!families.includes(slice.addressType as 'IPv4')) await drop(slice)
    for (const family of families) await reconcileFamily(family)
    if (errors.length > 0) {
      tell(services, service, 'Warning', 'FailedToUpdateEndpointSlices', `Error updating Endpoint Slices for Service ${key}: ${errors.map(({ message }) => message).join(', ')}`)
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, `service ${key}: ${errors.length} endpoint slices could not be written`)
    }

    async function reconcileFamily(addressType: 'IPv4' | 'IPv6'): Promise<void> {
      const wanted = new Map<string, Wanted>()
      for (const pod of selected) {
        const node = pod.spec.nodeName ? cached(nodes).get(pod.spec.nodeName) : undefined
        if (pod.spec.nodeName && !node && !service!.spec.publishNotReadyAddresses) {
          errors.push(new Error(`skipping Pod ${pod.metadata.name} for Service ${key}: Node ${pod.spec.nodeName} Not Found`))
          continue
        }
        const addresses = addressesOf(pod).filter((address) => familyOf(address) === addressType)
        if (addresses.length === 0) continue
        const ports = portsOf(service!, pod)
        const group = portsKey(ports)
        if (!wanted.has(group)) wanted.set(group, { ports, endpoints: new Map() })
        const endpoint = endpointOf(pod, addresses, service!, node?.metadata.labels?.[zoneLabel])
        wanted.get(group)!.endpoints.set(identityOf(endpoint), endpoint)
      }
      // A service without endpoints says so in a slice of its own, so that readers need not guess.
      if (wanted.size === 0) wanted.set('', { ports: [], endpoints: new Map() })

      const here = existing.filter((slice) => slice.addressType === addressType)
      const plan = planSlices(here, wanted, mostPerSlice)
      const placeholder = plan.create.length === 0 && plan.delete.length === here.length
      const labels = labelsOf(service!)
      if (placeholder) {
        const empty = here.find((slice) => !slice.endpoints?.length && !slice.ports?.length)
        if (empty) plan.delete = plan.delete.filter((slice) => slice !== empty)
        else plan.create.push({ ports: [], endpoints: [] })
      }
      for (const slice of here)
        if (!plan.delete.includes(slice) && !plan.update.some((update) => update.slice === slice) && !sameData(slice.metadata.labels, labels))
          plan.update.push({ slice, endpoints: slice.endpoints ?? [] })

      for (const { ports, endpoints } of plan.create) {
        const { namespace, name } = service!.metadata
        const metadata = { namespace, generateName: `${name}-`, labels, ownerReferences: [controllerReference(services, service!)] }
        const made = await client.create(endpointslices, { metadata, addressType, endpoints, ports })
        expectations.created(key, informer, made)
      }
      for (const { slice, endpoints } of plan.update) await client.update(endpointslices, { ...clone(slice), endpoints: clone(endpoints), metadata: { ...clone(slice.metadata), labels } })
      for (const slice of plan.delete) await drop(slice)
    }

    async function drop(slice: EndpointSlice): Promise<void> {
      await client.delete(endpointslices, slice.metadata).catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
      expectations.deleted(key, informer, slice)
    }
  },
})

function familiesOf({ spec }: Service): readonly ('IPv4' | 'IPv6')[] {
  if (spec.ipFamilies?.length) return spec.ipFamilies as ('IPv4' | 'IPv6')[]
  const family = spec.clusterIP && spec.clusterIP !== 'None' ? familyOf(spec.clusterIP) : undefined
  return family ? [family] : ['IPv4', 'IPv6']
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = []
  for (const servicePort of service.spec.ports ?? []) {
    const port = portOn(pod, servicePort)
    if (port === undefined) continue
    ports.push({ name: servicePort.name ?? '', port, protocol: servicePort.protocol, ...(servicePort.appProtocol ? { appProtocol: servicePort.appProtocol } : {}) })
  }
  return ports
}

function endpointOf(pod: Pod, addresses: string[], service: Service, zone: string | undefined): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = !!service.spec.publishNotReadyAddresses || (serving && !terminating)
  const { namespace, name, uid } = pod.metadata
  const { nodeName } = pod.spec
  const hints = ready ? hintsFor(service, zone, nodeName) : undefined
  return {
    addresses, conditions: { ready, serving, terminating }, ...(publishesHostname(pod, service) ? { hostname: pod.spec.hostname } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid }, ...(nodeName ? { nodeName } : {}), ...(zone ? { zone } : {}), ...(hints ? { hints } : {}),
  }
}

/** Which clients should prefer an endpoint, where the service says that it matters. */
function hintsFor({ spec }: Service, zone: string | undefined, node: string | undefined): Endpoint['hints'] {
  const distribution = spec.trafficDistribution
  if (distribution !== 'PreferClose' && distribution !== 'PreferSameZone' && distribution !== 'PreferSameNode') return undefined
  const hints = { ...(zone ? { forZones: [{ name: zone }] } : {}), ...(distribution === 'PreferSameNode' && node ? { forNodes: [{ name: node }] } : {}) }
  return Object.keys(hints).length > 0 ? hints : undefined
}

function labelsOf(service: Service): Record<string, string> {
  const labels = Object.fromEntries(Object.entries(service.metadata.labels ?? {}).filter(([key]) => !reserved.has(key)))
  if (isHeadless(service)) labels[headless] = ''
  return { ...labels, [serviceName]: service.metadata.name, [managedBy]: controllerName }
}
