import { containsCidr, parseCidr } from '#base/cidr'
import type { FieldErrors } from '#apimachinery/field-errors'
import { isPortName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { labelSelector, portNumber, report } from '../../field-checks'
import { cidr, cidrWarnings } from '../../ip-checks'
import { ageColumn, column, formatSelector, nameColumn } from '../../printing'
import { generationOnly } from '../../strategies'
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from './types'

const protocols = ['TCP', 'UDP', 'SCTP']

export const networkpolicies = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', resource: 'networkpolicies', namespaced: true,
  shortNames: ['netpol'],
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'NetworkPolicy') } },
  metadataChecks: { whole: 0, update: 1 },

  ...generationOnly<NetworkPolicy>(),
  defaults({ spec }) {
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
  },
  validateCreate: ({ spec }, errors) => validateSpec(spec, errors.at('spec'), []),
  validateUpdate: ({ spec }, old, errors) => validateSpec(spec, errors.at('spec'), blocksOf(old.spec).flatMap(({ block }) => [block.cidr, ...(block.except ?? [])])),
  warnings: ({ spec }) =>
    blocksOf(spec).flatMap(({ block, path }) => [...cidrWarnings(`${path}.cidr`, block.cidr), ...(block.except ?? []).flatMap((text, i) => cidrWarnings(`${path}.except[${i}]`, text))]),

  columns: [nameColumn, column('Pod-Selector', ({ spec }) => formatSelector(spec.podSelector)), ageColumn],
})

/** Every block of addresses, and where it stands. */
function blocksOf({ ingress, egress }: NetworkPolicySpec): { block: IPBlock; path: string }[] {
  const found = (peers: readonly NetworkPolicyPeer[] | undefined, path: string): { block: IPBlock; path: string }[] =>
    (peers ?? []).flatMap(({ ipBlock }, i) => (ipBlock ? [{ block: ipBlock, path: `${path}[${i}].ipBlock` }] : []))
  return [...(ingress ?? []).flatMap(({ from }, i) => found(from, `spec.ingress[${i}].from`)), ...(egress ?? []).flatMap(({ to }, i) => found(to, `spec.egress[${i}].to`))]
}

/** `known`: blocks that stood there before and may stay as they are. */
function validateSpec(spec: NetworkPolicySpec, errors: FieldErrors, known: readonly string[]): void {
  labelSelector(errors, 'podSelector', spec.podSelector)
  for (const [i, { ports, from }] of (spec.ingress ?? []).entries()) validateRule(ports, from, 'from', errors.at('ingress', i), known)
  for (const [i, { ports, to }] of (spec.egress ?? []).entries()) validateRule(ports, to, 'to', errors.at('egress', i), known)
  if (spec.policyTypes.length > 2) return errors.at('policyTypes').invalid(spec.policyTypes, 'may not specify more than two policyTypes')
  for (const [i, type] of spec.policyTypes.entries()) {
    if (type !== 'Ingress' && type !== 'Egress') errors.at('policyTypes', i).notSupported(type, ['Ingress', 'Egress'])
  }
}

function validateRule(ports: readonly NetworkPolicyPort[] = [], peers: readonly NetworkPolicyPeer[] = [], field: string, errors: FieldErrors, known: readonly string[]): void {
  for (const [i, port] of ports.entries()) validatePort(port, errors.at('ports', i))
  for (const [i, peer] of peers.entries()) validatePeer(peer, errors.at(field, i), known)
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, errors: FieldErrors): void {
  if (protocol !== undefined && !protocols.includes(protocol)) errors.at('protocol').notSupported(protocol, protocols)
  const end = errors.at('endPort')
  if (port === undefined) {
    if (endPort !== undefined) end.invalid(endPort, 'may not be specified when `port` is not specified')
  } else if (typeof port === 'string') {
    if (endPort !== undefined) end.invalid(endPort, 'may not be specified when `port` is non-numeric')
    report(errors, 'port', port, isPortName(port))
  } else {
    portNumber(errors, 'port', port)
    if (endPort === undefined) return
    if (endPort < port) end.invalid(port, 'must be greater than or equal to `port`')
    portNumber(errors, 'endPort', endPort)
  }
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, errors: FieldErrors, known: readonly string[]): void {
  labelSelector(errors, 'podSelector', podSelector)
  labelSelector(errors, 'namespaceSelector', namespaceSelector)
  if (ipBlock) validateBlock(ipBlock, errors.at('ipBlock'), known)
  if (!podSelector && !namespaceSelector && !ipBlock) errors.required('must specify a peer')
  else if (ipBlock && (podSelector || namespaceSelector)) errors.forbidden('may not specify both ipBlock and another peer')
}

function validateBlock(block: IPBlock, errors: FieldErrors, known: readonly string[]): void {
  if (!block.cidr) return errors.at('cidr').required()
  cidr(errors, 'cidr', block.cidr, known)
  const outer = parseCidr(block.cidr)
  if (!outer) return
  for (const [i, text] of (block.except ?? []).entries()) {
    cidr(errors.at('except'), i, text, known)
    const inner = parseCidr(text)
    if (inner && (!containsCidr(outer, inner) || inner.prefix <= outer.prefix)) errors.at('except', i).invalid(text, 'must be a strict subset of `cidr`')
  }
}
