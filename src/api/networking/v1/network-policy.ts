import { containsCidr, parseCidr } from '#base/cidr'
import type { FieldErrors } from '#apimachinery/field-errors'
import { isPortName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { labelSelector, portNumber, report } from '../../field-checks'
import { cidr } from '../../ip-checks'
import { ageColumn, column, formatSelector, nameColumn } from '../../printing'
import { generationOnly } from '../../strategies'
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from './types'

const protocols = ['TCP', 'UDP', 'SCTP']

export const networkpolicies = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', resource: 'networkpolicies', namespaced: true,
  shortNames: ['netpol'],
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'NetworkPolicy') } },

  ...generationOnly<NetworkPolicy>(),
  defaults({ spec }) {
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
  },
  validate({ spec }, errors) {
    const at = errors.at('spec')
    labelSelector(at, 'podSelector', spec.podSelector)
    for (const [i, { ports, from }] of (spec.ingress ?? []).entries()) validateRule(ports, from, 'from', at.at('ingress', i))
    for (const [i, { ports, to }] of (spec.egress ?? []).entries()) validateRule(ports, to, 'to', at.at('egress', i))
    if (spec.policyTypes.length > 2) return at.at('policyTypes').invalid(spec.policyTypes, 'may not specify more than two policyTypes')
    for (const [i, type] of spec.policyTypes.entries()) {
      if (type !== 'Ingress' && type !== 'Egress') at.at('policyTypes', i).notSupported(type, ['Ingress', 'Egress'])
    }
  },

  columns: [nameColumn, column('Pod-Selector', ({ spec }) => formatSelector(spec.podSelector)), ageColumn],
})

function validateRule(ports: readonly NetworkPolicyPort[] = [], peers: readonly NetworkPolicyPeer[] = [], field: string, errors: FieldErrors): void {
  for (const [i, port] of ports.entries()) validatePort(port, errors.at('ports', i))
  for (const [i, peer] of peers.entries()) validatePeer(peer, errors.at(field, i))
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

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, errors: FieldErrors): void {
  labelSelector(errors, 'podSelector', podSelector)
  labelSelector(errors, 'namespaceSelector', namespaceSelector)
  if (ipBlock) validateBlock(ipBlock, errors.at('ipBlock'))
  if (!podSelector && !namespaceSelector && !ipBlock) errors.required('must specify a peer')
  else if (ipBlock && (podSelector || namespaceSelector)) errors.forbidden('may not specify both ipBlock and another peer')
}

function validateBlock(block: IPBlock, errors: FieldErrors): void {
  if (!block.cidr) return errors.at('cidr').required()
  cidr(errors, 'cidr', block.cidr)
  const outer = parseCidr(block.cidr)
  if (!outer) return
  for (const [i, text] of (block.except ?? []).entries()) {
    cidr(errors.at('except'), i, text)
    const inner = parseCidr(text)
    if (inner && (!containsCidr(outer, inner) || inner.prefix <= outer.prefix)) errors.at('except', i).invalid(text, 'must be a strict subset of `cidr`')
  }
}
