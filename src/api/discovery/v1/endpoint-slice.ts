import { FieldErrors } from '#apimachinery/field-errors'
import { isDns1123Subdomain, isFullyQualifiedDomainName, isLabelValue } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsLabel, dnsSubdomain, labels, oneOf, optionalOneOf, qualifiedName, report } from '../../field-checks'
import { canonicalIp, ipAddress, ipWarnings, reachableAddress } from '../../ip-checks'
import { ageColumn, column, firstFew, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { immutable, nextGeneration, startGeneration } from '../../strategies'
import type { Endpoint, EndpointPort, EndpointSlice } from './types'

export const endpointslices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices', namespaced: true,
  versions: { 'discovery.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'EndpointSlice') } },
  metadataChecks: { whole: 1, update: 0 },

  prepareForCreate(slice) {
    startGeneration(slice)
    dropTopology(slice, undefined)
  },
  prepareForUpdate(slice, old) {
    const same = (['endpoints', 'ports', 'addressType'] as const).every((field) => semanticallyEqual(slice[field], old[field]))
    nextGeneration(slice, old, !same || !semanticallyEqual(slice.metadata.labels ?? {}, old.metadata.labels ?? {}))
    dropTopology(slice, old)
  },
  validate(slice, errors) {
    oneOf(errors, 'addressType', slice.addressType, ['FQDN', 'IPv4', 'IPv6'])
    if (slice.ports) validatePorts(slice.ports, errors.at('ports'))
  },
  validateCreate: (slice, errors) => validateEndpoints(slice, errors.at('endpoints')),
  validateUpdate(slice, old, errors) {
    // What was let through before may stay.
    const found = new FieldErrors()
    validateEndpoints(slice, found.at('endpoints'))
    if (found.any && !semanticallyEqual(slice.endpoints, old.endpoints)) errors.all.push(...found.all)
    immutable(errors, 'addressType', slice.addressType, old.addressType)
  },
  warnings({ metadata, addressType, endpoints }, old) {
    const deprecated = !old && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []
    // Controllers write addresses in their one form.
    if (ownControllers.has(metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return deprecated
    return [...deprecated, ...(endpoints ?? []).flatMap(({ addresses }, i) => (addresses ?? []).flatMap((address, j) => ipWarnings(`endpoints[${i}].addresses[${j}]`, address)))]
  },

  columns: [
    nameColumn,
    column('AddressType', ({ addressType }) => addressType),
    column('Ports', ({ ports }) => firstFew((ports ?? []).map(({ port, name }) => (port === undefined ? name ?? '*' : String(port))), 3) || '<unset>'),
    column('Endpoints', ({ endpoints }) => firstFew((endpoints ?? []).flatMap((endpoint) => endpoint.addresses), 3) || '<unset>'),
    ageColumn,
  ],
})

const mostHints = 8
const ownControllers = new Set(['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'])

/** What the field held before it had a name of its own is not written any more; the name of the node is kept of it. */
function dropTopology(slice: EndpointSlice, old: EndpointSlice | undefined): void {
  const endpoints = slice.endpoints ?? []
  if (endpoints.every(({ deprecatedTopology }) => deprecatedTopology === undefined) || (old && semanticallyEqual(old.endpoints, endpoints))) return
  const before = new Set((old?.endpoints ?? []).flatMap(({ deprecatedTopology }) => deprecatedTopology?.['kubernetes.io/hostname'] ?? []))
  for (const endpoint of endpoints) {
    const node = endpoint.deprecatedTopology?.['kubernetes.io/hostname']
    if (endpoint.nodeName === undefined && node !== undefined && before.has(node) && isDns1123Subdomain(node).length === 0) endpoint.nodeName = node
    delete endpoint.deprecatedTopology
  }
}

function validateEndpoints({ endpoints: given, addressType }: EndpointSlice, errors: FieldErrors): void {
  const endpoints = given ?? []
  if (endpoints.length > 1000) return errors.tooMany(endpoints.length, 1000)
  for (let i = 0; i < endpoints.length; i++) validateEndpoint(endpoints[i]!, addressType, errors.at(i))
}

function validatePorts(ports: readonly EndpointPort[], errors: FieldErrors): void {
  if (ports.length > 20_000) return errors.tooMany(ports.length, 20_000)
  const names = new Set<string>()
  for (const [i, { name = '', protocol, appProtocol }] of ports.entries()) {
    if (name) dnsLabel(errors.at(i), 'name', name)
    if (names.has(name)) errors.at(i, 'name').duplicate(name)
    names.add(name)
    if (protocol === undefined) errors.at(i, 'protocol').required()
    else optionalOneOf(errors.at(i), 'protocol', protocol, ['SCTP', 'TCP', 'UDP'])
    if (appProtocol !== undefined) qualifiedName(errors.at(i), 'appProtocol', appProtocol)
  }
}

function validateEndpoint({ addresses, nodeName, deprecatedTopology, hostname, hints }: Endpoint, type: string, errors: FieldErrors): void {
  const list = addresses ?? []
  const at = errors.at('addresses')
  if (list.length === 0) at.required('must contain at least 1 address')
  else if (list.length > 100) at.tooMany(list.length, 100)
  for (const [i, address] of list.entries()) {
    if (type === 'IPv4' || type === 'IPv6') {
      const found = errors.all.length
      if (type === 'IPv4') ipAddress(at, i, address)
      else canonicalIp(at, i, address)
      if (errors.all.length > found) continue
      if (address.includes(':') !== (type === 'IPv6')) at.invalid(address, `must be an ${type} address`)
      reachableAddress(at, i, address)
    } else if (type !== 'FQDN') continue
    else if (address === '') at.at(i).required()
    else for (const { value, message } of isFullyQualifiedDomainName(address)) at.at(i).invalid(value, message)
  }
  if (nodeName !== undefined) dnsSubdomain(errors, 'nodeName', nodeName)
  const topology = Object.keys(deprecatedTopology ?? {}).length
  if (topology > 16) errors.at('deprecatedTopology').tooMany(topology, 16)
  labels(errors, 'deprecatedTopology', deprecatedTopology)
  if (hostname !== undefined) dnsLabel(errors, 'hostname', hostname)
  if (hints?.forZones) {
    validateHints(hints.forZones, errors.at('hints', 'forZones'), (name, where) => report(where, 'name', name, isLabelValue(name)))
    if (hints.forZones.length > mostHints) return
  }
  if (hints?.forNodes) validateHints(hints.forNodes, errors.at('hints', 'forNodes'), (name, where) => dnsSubdomain(where, 'name', name))
}

function validateHints(hints: readonly { name: string }[], errors: FieldErrors, check: (name: string, errors: FieldErrors) => void): void {
  if (hints.length > mostHints) return errors.tooMany(hints.length, mostHints)
  const seen = new Set<string>()
  for (const [i, { name }] of hints.entries()) {
    if (seen.has(name)) errors.at(i, 'name').duplicate(name)
    seen.add(name)
    check(name, errors.at(i))
  }
}
