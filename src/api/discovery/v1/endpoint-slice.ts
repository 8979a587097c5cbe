import type { FieldErrors } from '#apimachinery/field-errors'
import { isFullyQualifiedDomainName, isLabelValue } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsLabel, dnsSubdomain, labels, oneOf, qualifiedName, report } from '../../field-checks'
import { ipAddress, isIP, reachableAddress } from '../../ip-checks'
import { ageColumn, column, firstFew, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { immutable, nextGeneration, startGeneration } from '../../strategies'
import type { Endpoint, EndpointPort, EndpointSlice } from './types'

export const endpointslices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices', namespaced: true,
  versions: { 'discovery.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'EndpointSlice') } },

  prepareForCreate: startGeneration,
  prepareForUpdate(slice, old) {
    const same = (['endpoints', 'ports', 'addressType'] as const).every((field) => semanticallyEqual(slice[field], old[field]))
    const { metadata } = slice
    const sameLabels = semanticallyEqual(metadata.labels ?? {}, old.metadata.labels ?? {}) && semanticallyEqual(metadata.annotations ?? {}, old.metadata.annotations ?? {})
    nextGeneration(slice, old, !same || !sameLabels)
  },
  validate(slice, errors) {
    oneOf(errors, 'addressType', slice.addressType, ['FQDN', 'IPv4', 'IPv6'])
    if (slice.ports) validatePorts(slice.ports, errors.at('ports'))
    const endpoints = slice.endpoints ?? []
    if (endpoints.length > 1000) return errors.at('endpoints').tooMany(endpoints.length, 1000)
    for (let i = 0; i < endpoints.length; i++) validateEndpoint(endpoints[i]!, slice.addressType, errors.at('endpoints', i))
  },
  validateUpdate: (slice, old, errors) => immutable(errors, 'addressType', slice.addressType, old.addressType),
  warnings({ addressType }) {
    return addressType === 'FQDN' ? ['addressType: FQDN endpoints are deprecated'] : []
  },

  columns: [
    nameColumn,
    column('AddressType', ({ addressType }) => addressType),
    column('Ports', ({ ports }) => firstFew((ports ?? []).map(({ port, name }) => (port === undefined ? name ?? '*' : String(port))), 3) || '<unset>'),
    column('Endpoints', ({ endpoints }) => firstFew((endpoints ?? []).flatMap((endpoint) => endpoint.addresses), 3) || '<unset>'),
    ageColumn,
  ],
})

function validatePorts(ports: readonly EndpointPort[], errors: FieldErrors): void {
  if (ports.length > 20_000) return errors.tooMany(ports.length, 20_000)
  const names = new Set<string>()
  for (const [i, { name = '', protocol, appProtocol }] of ports.entries()) {
    if (name) dnsLabel(errors.at(i), 'name', name)
    if (names.has(name)) errors.at(i, 'name').duplicate(name)
    names.add(name)
    oneOf(errors.at(i), 'protocol', protocol, ['SCTP', 'TCP', 'UDP'])
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
      if (!isIP(address)) ipAddress(at, i, address)
      else {
        if (address.includes(':') !== (type === 'IPv6')) at.invalid(address, `must be an ${type} address`)
        reachableAddress(at, i, address)
      }
    } else if (type === 'FQDN') for (const { value, message } of isFullyQualifiedDomainName(address)) at.at(i).invalid(value, message)
  }
  if (nodeName !== undefined) dnsSubdomain(errors, 'nodeName', nodeName)
  const topology = Object.keys(deprecatedTopology ?? {}).length
  if (topology > 16) errors.at('deprecatedTopology').tooMany(topology, 16)
  labels(errors, 'deprecatedTopology', deprecatedTopology)
  if (hostname !== undefined) dnsLabel(errors, 'hostname', hostname)
  if (hints?.forZones) validateHints(hints.forZones, errors.at('hints', 'forZones'), (name, where) => report(where, 'name', name, isLabelValue(name)))
  if (hints?.forNodes) validateHints(hints.forNodes, errors.at('hints', 'forNodes'), (name, where) => dnsSubdomain(where, 'name', name))
}

function validateHints(hints: readonly { name: string }[], errors: FieldErrors, check: (name: string, errors: FieldErrors) => void): void {
  if (hints.length > 8) return errors.tooMany(hints.length, 8)
  const seen = new Set<string>()
  for (const [i, { name }] of hints.entries()) {
    if (seen.has(name)) errors.at(i, 'name').duplicate(name)
    seen.add(name)
    check(name, errors.at(i))
  }
}
