import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest, statusOnly } from '#apimachinery/subresources'
import { cidrWarnings } from '../../ip-checks'
import { ageColumn, column, nameColumn, wide } from '../../printing'
import { carryStatus } from '../../strategies'
import { validateNode, validateNodeUpdate } from './node-validation'
import type { Node, NodeStatus } from './types'

export const nodes = defineResource<Node>({
  group: '', version: 'v1', kind: 'Node', resource: 'nodes', namespaced: false,
  shortNames: ['no'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Node') } },
  subresources: {
    proxy: rest(['create', 'delete', 'get', 'patch', 'update'], { group: '', version: 'v1', kind: 'NodeProxyOptions' }),
    status: statusOnly({
      defaults: defaultNode,
      prepareForUpdate({ status }, old) {
        if (!old.status.config) delete status.config
      },
      validateUpdate: validateNodeUpdate,
    }),
  },

  defaults: defaultNode,
  // A kubelet registers itself with its status.
  prepareForCreate({ spec, status }, { enabled }) {
    delete spec.configSource
    delete status.config
    if (!enabled('NodeDeclaredFeatures')) delete status.declaredFeatures
  },
  prepareForUpdate(node, old) {
    carryStatus(node, old)
    if (!old.spec.configSource) delete node.spec.configSource
  },
  resetFields: [['status']],
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  warnings: ({ spec }) => [
    ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec.podCIDRs ?? []).flatMap((range, i) => cidrWarnings(`spec.podCIDRs[${i}]`, range)),
  ],

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
  // Where they differ, a client that knows only the older one wrote it.
  if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR]
  else if (spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0]
  if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
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
