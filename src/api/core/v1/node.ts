import type { FieldErrors } from '#apimachinery/field-errors'
import { isLabelValue } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest, statusOnly } from '#apimachinery/subresources'
import { oneOf, qualifiedName } from '../../field-checks'
import { cidr, isCidr, repeatsFamily } from '../../ip-checks'
import { ageColumn, column, nameColumn, wide } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { carryStatus } from '../../strategies'
import { resourceQuantity } from './resource-requirements-validation'
import { taintEffects } from './scheduling-validation'
import type { Node, NodeStatus, Taint } from './types'

export const nodes = defineResource<Node>({
  group: '', version: 'v1', kind: 'Node', resource: 'nodes', namespaced: false,
  shortNames: ['no'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Node') } },
  subresources: {
    proxy: rest(['create', 'delete', 'get', 'patch', 'update'], { group: '', version: 'v1', kind: 'NodeProxyOptions' }),
    status: statusOnly({ defaults: defaultNode, validate: ({ status }, errors) => validateResources(status, errors), validateUpdate: validateNodeUpdate }),
  },

  defaults: defaultNode,
  prepareForCreate(node) {
    // A kubelet registers itself with its status.
    delete node.spec.configSource
  },
  prepareForUpdate: carryStatus,
  resetFields: [['status']],
  validate({ spec, status }, errors) {
    if (spec.taints) validateTaints(spec.taints, errors.at('metadata', 'taints'))
    validateResources(status, errors)
  },
  validateCreate({ spec }, errors) {
    const cidrs = spec.podCIDRs ?? []
    const at = errors.at('spec', 'podCIDRs')
    for (const [i, range] of cidrs.entries()) cidr(at, i, range)
    if (cidrs.length < 2) return
    const bad = cidrs.findIndex((range) => !isCidr(range))
    if (bad >= 0) at.internal(`invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${bad}]: <nil> (invalid CIDR address: ${cidrs[bad]})`)
    if (bad >= 0 || repeatsFamily(cidrs)) at.invalid(cidrs, 'may specify no more than one CIDR for each IP family')
  },
  validateUpdate: validateNodeUpdate,

  columns: [
    nameColumn,
    column('Status', ({ spec, status }) => {
      const ready = status.conditions?.find((condition) => condition.type === 'Ready')?.status
      const text = ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady'
      return spec.unschedulable ? `${text},SchedulingDisabled` : text
    }),
    column('Roles', rolesOf),
    ageColumn,
    column('Version', ({ status }) => status.nodeInfo.kubeletVersion),
    wide('Internal-IP', ({ status }) => addressOf(status, 'InternalIP')),
    wide('External-IP', ({ status }) => addressOf(status, 'ExternalIP')),
    wide('OS-Image', ({ status }) => status.nodeInfo.osImage || '<unknown>'),
    wide('Kernel-Version', ({ status: { nodeInfo } }) => `${nodeInfo.kernelVersion || '<unknown>'}${nodeInfo.architecture ? ` (${nodeInfo.architecture})` : ''}`),
    wide('Container-Runtime', ({ status }) => status.nodeInfo.containerRuntimeVersion || '<unknown>'),
  ],
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
})

function defaultNode({ spec, status }: Node): void {
  // One range under two names: the list is what counts, and its first is the older field.
  if (spec.podCIDR && !spec.podCIDRs?.length) spec.podCIDRs = [spec.podCIDR]
  if (spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0]
  if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
}

function validateTaints(taints: readonly Taint[], errors: FieldErrors): void {
  const seen = new Set<string>()
  for (const [i, { key, value = '', effect, timeAdded }] of taints.entries()) {
    const at = errors.at(i)
    qualifiedName(at, 'key', key)
    const messages = isLabelValue(value)
    if (messages.length > 0) at.at('value').invalid(value, messages.join(';'))
    oneOf(at, 'effect', effect, taintEffects)
    const id = `${key}:${effect}`
    // The original prints its own structure here.
    if (seen.has(id)) at.duplicate({ Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null }, 'taints must be unique by key and effect pair')
    seen.add(id)
  }
}

function validateResources({ capacity, allocatable }: NodeStatus, errors: FieldErrors): void {
  for (const name in capacity) resourceQuantity(errors.at('status', 'capacity', name), name, capacity[name]!)
  for (const name in allocatable) resourceQuantity(errors.at('status', 'allocatable', name), name, allocatable[name]!)
}

function validateNodeUpdate({ spec, status }: Node, old: Node, errors: FieldErrors): void {
  const addresses = status.addresses ?? []
  for (const [i, address] of addresses.entries()) {
    const first = addresses.findIndex((other) => other.type === address.type && other.address === address.address)
    if (first < i) errors.at('status', 'addresses', i).duplicate({ Type: address.type, Address: address.address })
  }
  const at = errors.at('spec')
  if (old.spec.podCIDRs?.length && !semanticallyEqual(spec.podCIDRs, old.spec.podCIDRs)) {
    at.at('podCIDRs').forbidden('node updates may not change podCIDR except from "" to valid')
  }
  if (old.spec.providerID && spec.providerID !== old.spec.providerID) {
    at.at('providerID').forbidden('node updates may not change providerID except from "" to valid')
  }
  if ((spec.externalID ?? '') !== (old.spec.externalID ?? '')) at.at('externalID').forbidden('may not be updated')
}

function rolesOf({ metadata }: Node): string {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith('node-role.kubernetes.io/') && key.length > 24) roles.add(key.slice(24))
    else if (key === 'kubernetes.io/role' && value) roles.add(value)
  }
  return [...roles].toSorted().join(',') || '<none>'
}

const addressOf = (status: NodeStatus, type: string): string => status.addresses?.find((address) => address.type === type)?.address ?? '<none>'
