import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '#api/rbac/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { isDeepStrictEqual } from 'node:util'
import { namespacedBindings, namespacedRoles } from './bindings'
import { aggregatedRoles, aggregatesTo } from './cluster-roles'
import { policyRules } from './gated-rules'
import { serviceAccount } from './rule'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
/** `false` on a bootstrap object keeps the server from repairing it. */
export const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate'
const aggregateLabel = (role: string): string => `rbac.authorization.k8s.io/aggregate-to-${role}`

/** An object as it is written, before the server fills in the rest of its metadata. */
export type Written<T extends KubeObject> = Omit<T, 'metadata'> & { metadata: WrittenMetadata }
export interface WrittenMetadata {
  name: string
  namespace?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

const metadata = (name: string, namespace?: string, labels: Record<string, string> = {}): WrittenMetadata => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { [autoUpdate]: 'true' },
})

/** The rules of several roles, each once, in the order of their names: what an aggregated role holds. */
export function aggregateRules(roles: readonly { metadata: { name: string }; rules?: readonly PolicyRule[] }[]): PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const role of [...roles].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    for (const rule of role.rules ?? []) if (!rules.some((known) => isDeepStrictEqual(known, rule))) rules.push(rule)
  }
  return rules
}

const noGate = (): boolean => false

/** `enabled`: which feature gates are on; by default as in v1.36. */
export function bootstrapClusterRoles(enabled: (gate: string) => boolean = noGate): Written<ClusterRole>[] {
  const { roles, controllers } = policyRules(enabled)
  const labels = (name: string): Record<string, string> => (aggregatesTo[name] ? { [aggregateLabel(aggregatesTo[name])]: 'true' } : {})
  const role = (name: string, rules: readonly PolicyRule[]): Written<ClusterRole> => ({ apiVersion, kind: 'ClusterRole', metadata: metadata(name, undefined, labels(name)), rules: [...rules] })
  const made = new Map<string, Written<ClusterRole>>()
  for (const [name, rules] of Object.entries(roles)) made.set(name, role(name, rules))
  for (const [name, rules] of Object.entries(controllers)) made.set(`system:controller:${name}`, role(`system:controller:${name}`, rules))
  // Those that others take up come first: view, then edit, then admin. Filled at once, so that a new cluster does not
  // wait for the aggregation controller to let its people in.
  for (const name of aggregatedRoles.toReversed()) {
    const label = aggregateLabel(name)
    const parts = [...made.values()].filter((part) => part.metadata.labels[label] === 'true')
    made.set(name, { ...role(name, aggregateRules(parts)), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] } })
  }
  return [...made.values()]
}

export function bootstrapClusterRoleBindings(enabled: (gate: string) => boolean = noGate): Written<ClusterRoleBinding>[] {
  const { bindings, controllers } = policyRules(enabled)
  const binding = (name: string, role: string, subjects: ClusterRoleBinding['subjects']): Written<ClusterRoleBinding> => ({
    apiVersion, kind: 'ClusterRoleBinding', metadata: metadata(name), ...(subjects?.length ? { subjects } : {}), roleRef: { apiGroup, kind: 'ClusterRole', name: role },
  })
  return [
    ...Object.entries(bindings).map(([name, { role = name, subjects }]) => binding(name, role, [...subjects])),
    ...Object.keys(controllers).map((name) => binding(`system:controller:${name}`, `system:controller:${name}`, [serviceAccount('kube-system', name)])),
  ]
}

export function bootstrapRoles(): Written<Role>[] {
  return namespacedRoles.map(({ namespace, name, rules }) => ({ apiVersion, kind: 'Role', metadata: metadata(name, namespace), rules: [...rules] }))
}

export function bootstrapRoleBindings(): Written<RoleBinding>[] {
  return namespacedBindings.map(({ namespace, name, role = name, subjects }) => ({
    apiVersion, kind: 'RoleBinding', metadata: metadata(name, namespace), subjects: [...subjects], roleRef: { apiGroup, kind: 'Role', name: role },
  }))
}
