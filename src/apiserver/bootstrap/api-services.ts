import { local } from '../aggregator/conditions'
import { priorityOfBuiltIn, registrationGroup } from '../discovery/priorities'
import type { Kinds } from '../kinds'

/** An APIService for each group and version that is built in. Those of definitions come and go with them: see `aggregator/auto-registration.ts`. */
export function apiServiceObjects(kinds: Kinds, now: string): object[] {
  const served = new Map<string, { group: string; version: string }>()
  for (const { group, version, resource } of kinds) if (group !== registrationGroup && !resource.customResource) served.set(`${version}.${group}`, { group, version })
  return [...served].map(([name, { group, version }]) => ({
    metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: { ...(group ? { group } : {}), version, ...priorityOfBuiltIn(group, version) },
    status: { conditions: [{ type: 'Available', lastTransitionTime: now, ...local }] },
  }))
}
