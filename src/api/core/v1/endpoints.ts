import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsLabel, dnsSubdomain, oneOf, portNumber, qualifiedName } from '../../field-checks'
import { ipAddress, isIP, reachableAddress } from '../../ip-checks'
import { ageColumn, column, firstFew, nameColumn } from '../../printing'
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset } from './types'

export const endpoints = defineResource<Endpoints>({
  group: '', version: 'v1', kind: 'Endpoints', resource: 'endpoints', singular: 'endpoints', namespaced: true,
  shortNames: ['ep'],
  versions: {
    'v1': { schema: schemaIn(() => import('./types.gen'), 'Endpoints'), deprecated: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice' },
  },
  allowCreateOnUpdate: true,

  validate({ subsets }, errors) {
    for (const [i, subset] of (subsets ?? []).entries()) validateSubset(subset, errors.at('subsets', i))
  },
  canonicalize(object) {
    if (object.subsets) object.subsets = object.subsets.map(sorted).toSorted(compareJson)
  },

  columns: [nameColumn, column('Endpoints', ({ subsets }) => addressesText(subsets)), ageColumn],
})

function validateSubset({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset, errors: FieldErrors): void {
  if (addresses.length === 0 && notReadyAddresses.length === 0) errors.required('must specify `addresses` or `notReadyAddresses`')
  for (const [i, address] of addresses.entries()) validateAddress(address, errors.at('addresses', i))
  for (const [i, address] of notReadyAddresses.entries()) validateAddress(address, errors.at('notReadyAddresses', i))
  for (const [i, port] of ports.entries()) validatePort(port, ports.length > 1, errors.at('ports', i))
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, errors: FieldErrors): void {
  ipAddress(errors, 'ip', ip)
  if (hostname) dnsLabel(errors, 'hostname', hostname)
  if (nodeName !== undefined) dnsSubdomain(errors, 'nodeName', nodeName)
  if (!ip || !isIP(ip)) errors.at('ip').invalid(ip ?? '', 'must be a valid IP address')
  else reachableAddress(errors, 'ip', ip)
}

function validatePort({ name, port, protocol, appProtocol }: EndpointPort, named: boolean, errors: FieldErrors): void {
  if (!name) {
    if (named) errors.at('name').required()
  } else dnsLabel(errors, 'name', name)
  portNumber(errors, 'port', port)
  oneOf(errors, 'protocol', protocol, ['SCTP', 'TCP', 'UDP'])
  if (appProtocol !== undefined) qualifiedName(errors, 'appProtocol', appProtocol)
}

const compareJson = (a: unknown, b: unknown): number => {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** One order for what is a set, so that two controllers that mean the same write the same. */
function sorted(subset: EndpointSubset): EndpointSubset {
  const byIp = (a: EndpointAddress, b: EndpointAddress): number => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : compareJson(a, b))
  return {
    ...(subset.addresses ? { addresses: subset.addresses.toSorted(byIp) } : {}),
    ...(subset.notReadyAddresses ? { notReadyAddresses: subset.notReadyAddresses.toSorted(byIp) } : {}),
    ...(subset.ports ? { ports: subset.ports.toSorted(compareJson) } : {}),
  }
}

function addressesText(subsets: readonly EndpointSubset[] | undefined): string {
  if (!subsets?.length) return '<none>'
  const all = subsets.flatMap(({ addresses = [], ports }) => {
    if (!ports?.length) return addresses.map((address) => address.ip)
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)))
  })
  return firstFew(all, 3)
}
