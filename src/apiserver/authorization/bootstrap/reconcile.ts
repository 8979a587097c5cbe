import { isDeepStrictEqual } from 'node:util'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { rolebindings } from '#api/rbac/v1/role-binding'
import { roles } from '#api/rbac/v1/role'
import type { PolicyRule, RoleRef, Subject } from '#api/rbac/v1/types'
import { isAlreadyExists, isConflict, isNotFound } from '#apimachinery/api-error'
import type { Input, KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Client } from '#client/client'
import { missingRules } from '../rules'
import type { Written } from './policy'
import { autoUpdate, bootstrapClusterRoleBindings, bootstrapClusterRoles, bootstrapRoleBindings, bootstrapRoles } from './policy'

type Policy = KubeObject & { rules?: PolicyRule[]; aggregationRule?: unknown; subjects?: Subject[]; roleRef?: RoleRef }

/**
 * Puts back what the cluster's own roles and bindings lack, at every start: rules and subjects that are missing are added,
 * those that somebody added stay, and objects annotated `autoupdate: "false"` are left alone. A binding whose role was
 * changed is made anew, since that cannot be updated. `client` must be a superuser's. Resolves with the policy as it stands.
 */
export async function reconcileBootstrapPolicy(client: Client, enabled?: (gate: string) => boolean): Promise<{ resource: ResourceRef<any>; objects: readonly KubeObject[] }[]> {
  const sets: [ResourceRef<any>, Written<Policy>[]][] = [
    [clusterroles, bootstrapClusterRoles(enabled)], [clusterrolebindings, bootstrapClusterRoleBindings(enabled)],
    [roles, bootstrapRoles()], [rolebindings, bootstrapRoleBindings()],
  ]
  const policy = []
  for (const [resource, wanted] of sets) {
    const found = new Map<string, Policy>()
    for (const object of (await client.list<Policy>(resource)).items) found.set(keyed(object), object)
    // Several at a time: the store puts what arrives together into one commit.
    policy.push({ resource, objects: await Promise.all(wanted.map((object) => reconcile(client, resource, object, found.get(keyed(object))))) })
  }
  return policy
}

const keyed = ({ metadata }: { metadata: { namespace?: string; name: string } }): string => `${metadata.namespace ?? ''}/${metadata.name}`

async function reconcile(client: Client, resource: ResourceRef<Policy>, wanted: Written<Policy>, found: Policy | undefined): Promise<Policy> {
  for (let attempt = 0; ; attempt++) {
    try {
      if (!found) return await client.create(resource, wanted as Input<Policy>)
      const repaired = repair(found, wanted)
      if (repaired === 'replace') await client.delete(resource, found.metadata, { preconditions: found.metadata.uid ? { uid: found.metadata.uid } : {} })
      else return repaired === undefined ? found : await client.update(resource, repaired as Input<Policy>)
      found = undefined
    } catch (error) {
      // Another server of the cluster does the same at the same time.
      if (attempt === 3 || !(isAlreadyExists(error) || isConflict(error) || isNotFound(error))) throw error
      found = await client.get(resource, wanted.metadata).catch((reason: unknown) => {
        if (isNotFound(reason)) return undefined
        throw reason
      })
    }
  }
}

/** What must be written so that `found` has what `wanted` has; undefined when nothing is missing. */
export function repair(found: Policy, wanted: Written<Policy>): Policy | 'replace' | undefined {
  if (found.metadata.annotations?.[autoUpdate] === 'false') return undefined
  if (wanted.roleRef && !isDeepStrictEqual({ ...found.roleRef }, { ...wanted.roleRef })) return 'replace'
  const metadata = {
    ...found.metadata,
    labels: { ...wanted.metadata.labels, ...found.metadata.labels },
    annotations: { ...wanted.metadata.annotations, ...found.metadata.annotations },
  }
  const repaired: Policy = { ...found, metadata }
  if (wanted.aggregationRule) repaired.aggregationRule = found.aggregationRule ?? wanted.aggregationRule
  // The rules of an aggregated role are the aggregation controller's once it is one.
  else if (wanted.rules) repaired.rules = [...(found.rules ?? []), ...missingRules(found.rules ?? [], wanted.rules)]
  if (wanted.subjects) {
    const same = (a: Subject, b: Subject): boolean => a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '')
    const missing = wanted.subjects.filter((subject) => !(found.subjects ?? []).some((known) => same(known, subject)))
    if (missing.length > 0) repaired.subjects = [...(found.subjects ?? []), ...missing]
  }
  return isDeepStrictEqual(repaired, { ...found, metadata: { ...found.metadata, labels: { ...found.metadata.labels }, annotations: { ...found.metadata.annotations } } }) ? undefined : repaired
}
