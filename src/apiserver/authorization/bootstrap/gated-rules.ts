import type { PolicyRule } from '#api/rbac/v1/types'
import { clusterBindings } from './bindings'
import { clusterRoleRules } from './cluster-roles'
import { controllerRules } from './controller-roles'
import { allow, group } from './rule'

type Rules = Readonly<Record<string, readonly PolicyRule[]>>
interface Gated {
  /** All must be on. */
  readonly gates: readonly string[]
  /** Of controllers, by their names. */
  readonly controllers?: Rules
  /** Roles of their own, and rules that others get on top. */
  readonly roles?: Rules
  readonly bindings?: typeof clusterBindings
}

const reading = 'get list watch'
const events = allow('create patch update', 'core events.k8s.io', 'events')

/** What roles are there for only where a feature gate is on, which none of these is by default. */
const gated: readonly Gated[] = [
  {
    gates: ['StorageVersionAPI', 'APIServerIdentity'],
    controllers: {
      'storage-version-garbage-collector': [
        allow(reading, 'coordination.k8s.io', 'leases'),
        allow('delete get list patch update watch', 'internal.apiserver.k8s.io', 'storageversions'),
        allow('get patch update', 'internal.apiserver.k8s.io', 'storageversions/status'),
      ],
    },
  },
  {
    gates: ['StorageVersionMigrator'],
    controllers: {
      'storage-version-migrator-controller': [
        // An apply to what is gone counts as a creation before it is found to be a conflict.
        allow('create list patch', '*', '*'),
        allow('get', 'apiextensions.k8s.io', 'customresourcedefinitions'),
        allow('patch', 'apiextensions.k8s.io', 'customresourcedefinitions/status'),
        allow('update', 'storagemigration.k8s.io', 'storageversionmigrations/status'),
      ],
    },
  },
  {
    gates: ['ClusterTrustBundle'],
    controllers: {
      'kube-apiserver-serving-clustertrustbundle-publisher': [
        allow('attest', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-serving'),
        allow('create delete list update watch', 'certificates.k8s.io', 'clustertrustbundles'),
        events,
      ],
    },
    roles: {
      'system:cluster-trust-bundle-discovery': [allow(reading, 'certificates.k8s.io', 'clustertrustbundles')],
      'system:node': [allow(reading, 'certificates.k8s.io', 'clustertrustbundles')],
    },
    bindings: { 'system:cluster-trust-bundle-discovery': { subjects: [group('system:serviceaccounts')] } },
  },
  {
    gates: ['DRADeviceTaintRules'],
    controllers: {
      'device-taint-eviction-controller': [allow('patch update', 'resource.k8s.io', 'devicetaintrules/status'), allow(reading, 'resource.k8s.io', 'devicetaintrules')],
    },
    roles: { 'system:kube-scheduler': [allow(reading, 'resource.k8s.io', 'devicetaintrules')] },
  },
  {
    gates: ['GenericWorkload'],
    controllers: { 'podgroup-protection-controller': [allow('get list update watch', 'scheduling.k8s.io', 'podgroups'), allow(reading, 'core', 'pods')] },
    roles: {
      'system:aggregate-to-edit': [allow('create delete deletecollection patch update', 'scheduling.k8s.io', 'podgroups workloads')],
      'system:aggregate-to-view': [allow(reading, 'scheduling.k8s.io', 'podgroups podgroups/status workloads')],
      'system:kube-scheduler': [allow(reading, 'scheduling.k8s.io', 'podgroups'), allow('patch update', 'scheduling.k8s.io', 'podgroups/status')],
    },
  },
]

export interface PolicyRules {
  readonly roles: Rules
  readonly controllers: Rules
  readonly bindings: typeof clusterBindings
}

/** The rules of everybody's roles as the gates are. */
export function policyRules(enabled: (gate: string) => boolean): PolicyRules {
  const on = gated.filter(({ gates }) => gates.every(enabled))
  return {
    roles: merged(clusterRoleRules, on.map(({ roles = {} }) => roles)),
    controllers: merged(controllerRules, on.map(({ controllers = {} }) => controllers)),
    bindings: Object.assign({}, clusterBindings, ...on.map(({ bindings = {} }) => bindings)) as typeof clusterBindings,
  }
}

function merged(rules: Rules, more: readonly Rules[]): Rules {
  const all: Record<string, readonly PolicyRule[]> = { ...rules }
  for (const one of more) for (const [name, added] of Object.entries(one)) all[name] = [...(all[name] ?? []), ...added]
  return all
}
