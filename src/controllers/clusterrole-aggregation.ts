import type { Input } from '#apimachinery/object'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import type { ClusterRole, PolicyRule } from '#api/rbac/v1/types'
import { clone, sameData } from '#base/clone'
import { defineController, on } from '#controller-runtime/controller'
import { selects } from '#controller-runtime/selecting'

/** Fills ClusterRoles that have an aggregation rule with the rules of those that it selects: `admin`, `edit` and `view` grow so. */
export const clusterRoleAggregation = defineController({
  name: 'clusterrole-aggregation-controller',
  watches: [
    // Any role may be part of any other, and there are few that aggregate.
    on(clusterroles, (_role, cached) => cached(clusterroles).list().filter(({ aggregationRule }) => aggregationRule).map(({ metadata }) => metadata.name)),
  ],
  writes: [clusterroles],

  async reconcile(key, { cached, client }) {
    const role = cached(clusterroles).get(key)
    if (!role?.aggregationRule) return
    const others = cached(clusterroles).list().filter(({ metadata }) => metadata.name !== key).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    const rules: PolicyRule[] = []
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
      for (const other of others) {
        if (!selects(selector, other.metadata.labels)) continue
        for (const rule of other.rules ?? []) if (!rules.some((known) => sameData(known, rule))) rules.push(clone(rule))
      }
    }
    if (sameData(rules, role.rules ?? [])) return
    const applied = { metadata: { name: key }, ...(rules.length > 0 ? { rules } : {}) } as Input<ClusterRole>
    await client.apply(clusterroles, applied, { fieldManager: 'clusterrole-aggregation-controller', force: true })
  },
})
