import type { Kinds } from '../kinds'

/** Where groups stand in discovery: the higher, the earlier. Groups that are not listed stand behind. */
const groupPriorities: Readonly<Record<string, number>> = {
  '': 18000, 'apps': 17800, 'events.k8s.io': 17750, 'authentication.k8s.io': 17700, 'authorization.k8s.io': 17600, 'autoscaling': 17500, 'batch': 17400,
  'certificates.k8s.io': 17300, 'networking.k8s.io': 17200, 'policy': 17100, 'rbac.authorization.k8s.io': 17000, 'storage.k8s.io': 16800,
  'admissionregistration.k8s.io': 16700, 'apiextensions.k8s.io': 16700, 'scheduling.k8s.io': 16600, 'coordination.k8s.io': 16500, 'node.k8s.io': 16300,
  'discovery.k8s.io': 16200, 'flowcontrol.apiserver.k8s.io': 16100, 'resource.k8s.io': 16200,
}

/** An APIService for each group and version that this server serves itself. */
export function apiServiceObjects(kinds: Kinds, now: string): object[] {
  const served = new Map<string, { group: string; version: string }>()
  for (const { group, version } of kinds) if (group !== 'apiregistration.k8s.io') served.set(`${version}.${group}`, { group, version })
  return [...served].map(([name, { group, version }]) => ({
    metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: {
      ...(group ? { group } : {}), version,
      groupPriorityMinimum: groupPriorities[group] ?? 1000,
      versionPriority: group === '' ? 1 : version === 'v2' ? 30 : group === 'flowcontrol.apiserver.k8s.io' || group === 'resource.k8s.io' ? 21 : 15,
    },
    status: { conditions: [{ type: 'Available', status: 'True', lastTransitionTime: now, reason: 'Local', message: 'Local APIServices are always available' }] },
  }))
}
