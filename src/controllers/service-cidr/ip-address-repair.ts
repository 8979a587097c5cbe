import { isNotFound } from '#apimachinery/api-error'
import { services } from '#api/core/v1/service'
import type { Service } from '#api/core/v1/types'
import { ipaddresses } from '#api/networking/v1/ip-address'
import { servicecidrs } from '#api/networking/v1/service-cidr'
import type { IPAddress, ParentReference } from '#api/networking/v1/types'
import { formatIp, parseIp } from '#base/ip'
import { hasClusterIP } from '#component-helpers/services'
import { defineController, on } from '#controller-runtime/controller'
import type { Outcome, ReconcileContext } from '#controller-runtime/controller'
import { allocator, labels, withAddress } from './ranges'

type Context = ReconcileContext<undefined>

/** As long as a request may take: within it the Service of an address may still be on its way. */
const requestMs = 60_000
/** Until what a refused Service has taken is given back. */
const rollbackMs = 5000
/** Nothing is out of range before the range is known. */
const defaultRange = 'kubernetes'

/**
 * Puts right what does not fit between Services and the IPAddresses that stand for their addresses: makes the ones that
 * are missing, deletes those that belong to nobody, and tells about addresses that two Services have. In the original the
 * API server runs it, with its own rights; so it is not among those of the controller manager.
 */
export const ipAddressRepair = defineController({
  name: 'ipallocator-repair-controller',
  watches: [
    on(services, undefined, { indexes: { clusterIP: ({ spec }) => spec.clusterIPs ?? [] } }),
    on(ipaddresses, ({ metadata: { name } }, cached) => [name, ...cached(services).by('clusterIP', name).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)]),
    on(servicecidrs, (_range, cached) => cached(services).list().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`), { when: (range, old) => !range || !old }),
  ],
  writes: [ipaddresses],

  reconcile: (key, context) => (key.includes('/') ? checkService(key, context) : checkAddress(key, context)),
})

async function checkService(key: string, context: Context): Promise<undefined> {
  const { cached, client, log, tell } = context
  const service = cached(services).get(key)
  if (!service || !hasClusterIP(service) || !cached(servicecidrs).get(defaultRange)) return undefined
  const { namespace, name } = service.metadata
  const warn = (reason: string, message: string): void => {
    log.warn('a Service address does not fit', { service: key, reason })
    tell(services, service, 'Warning', reason, message)
  }
  for (const text of service.spec.clusterIPs ?? []) {
    const ip = parseIp(text)
    if (!ip) {
      warn('ClusterIPNotValid', `Cluster IP ${text} is not a valid IP; please recreate Service`)
      continue
    }
    const called = `[IPv${ip.family}]: ${text}`
    if (withAddress(cached, text).length === 0) {
      warn('ClusterIPOutOfRange', `Cluster IP ${called} is not within any configured Service CIDR; please recreate service`)
      continue
    }
    const address = cached(ipaddresses).get(formatIp(ip))
    if (!address) {
      if (!(await isMissing(service, formatIp(ip), context))) continue
      warn('ClusterIPNotAllocated', `Cluster IP ${called} is not allocated; repairing`)
      await client.create(ipaddresses, addressFor(service, formatIp(ip)))
      continue
    }
    const { parentRef } = address.spec
    const parent = isService(parentRef) ? cached(services).get(`${parentRef.namespace}/${parentRef.name}`) : undefined
    const isOwn = parent !== undefined && parentRef.namespace === namespace && parentRef.name === name
    if (!parent) warn('ClusterIPNotAllocated', `the ClusterIP ${called} for Service ${namespace}/${name} has a wrong reference; repairing`)
    else if (!isOwn && parent.spec.clusterIPs?.includes(address.metadata.name))
      warn('ClusterIPAlreadyAllocated', `Cluster IP [IPv${ip.family}]:${text} was assigned to multiple services; please recreate service`)
    // Another Service that exists keeps its address: it would go back and forth between the two.
    if (!parent || (isOwn && !isLabelled(address, ip.family))) {
      await remove(address, context)
      await client.create(ipaddresses, addressFor(service, address.metadata.name))
    }
  }
  return undefined
}

/** The caches of Services and of addresses may be behind, and one behind the other. */
async function isMissing({ metadata }: Service, address: string, { client }: Context): Promise<boolean> {
  try {
    const service = await client.get(services, metadata)
    if (service.metadata.uid !== metadata.uid || !service.spec.clusterIPs?.includes(address)) return false
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
  try {
    await client.get(ipaddresses, { name: address })
    return false
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}

async function checkAddress(name: string, context: Context): Promise<Outcome | undefined> {
  const { cached, clock, log, tell } = context
  const address = cached(ipaddresses).get(name)
  if (address?.metadata.labels?.[labels.managedBy] !== allocator) return undefined
  const { parentRef } = address.spec
  const removeSaying = async (reason: string, message: string): Promise<undefined> => {
    log.warn('an IPAddress belongs to nobody', { address: name, reason })
    tell(ipaddresses, address, 'Warning', reason, message)
    await remove(address, context)
    return undefined
  }
  if (!isService(parentRef))
    return removeSaying('IPAddressNotAllocated', `IPAddress ${name} appears to have been modified, not referencing a Service ${format(parentRef)}: cleaning up`)
  const service = cached(services).get(`${parentRef.namespace}/${parentRef.name}`)
  const age = clock.now() - Date.parse(address.metadata.creationTimestamp)
  if (service?.spec.clusterIPs?.includes(name)) return undefined
  // An address is taken first, and the Service written then; one that gets an address later (from ExternalName) likewise.
  if ((!service || service.spec.type === 'ExternalName') && age <= requestMs) return { requeueAfter: requestMs - age + 1 }
  if (!service) return removeSaying('IPAddressNotAllocated', `IPAddress: ${name} for Service ${parentRef.namespace}/${parentRef.name} appears to have leaked: cleaning up`)
  if (age < rollbackMs && Date.parse(address.metadata.creationTimestamp) > Date.parse(service.metadata.creationTimestamp)) return { requeueAfter: rollbackMs }
  return removeSaying('IPAddressWrongReference', `IPAddress: ${name} for Service ${parentRef.namespace}/${parentRef.name} has a wrong reference; cleaning up`)
}

async function remove({ metadata: { name, uid } }: IPAddress, { client }: Context): Promise<void> {
  try {
    await client.delete(ipaddresses, { name }, { preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

const isService = (reference: ParentReference | undefined): reference is ParentReference => !!reference && !reference.group && reference.resource === 'services'
const format = (reference: ParentReference | undefined): string =>
  `&ParentReference{Group:${reference?.group ?? ''},Resource:${reference?.resource ?? ''},Namespace:${reference?.namespace ?? ''},Name:${reference?.name ?? ''},}`
const isLabelled = ({ metadata }: IPAddress, family: 4 | 6): boolean => metadata.labels?.[labels.family] === `IPv${family}` && metadata.labels[labels.managedBy] === allocator

function addressFor({ metadata: { namespace, name } }: Service, address: string): { metadata: object; spec: { parentRef: ParentReference } } {
  const family = parseIp(address)!.family
  return {
    metadata: { name: address, labels: { [labels.family]: `IPv${family}`, [labels.managedBy]: allocator } },
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  }
}
