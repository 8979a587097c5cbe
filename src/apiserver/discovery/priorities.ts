/** Where a group stands in discovery, and a version within its group: the higher, the earlier. */
export interface Priority {
  readonly groupPriorityMinimum: number
  readonly versionPriority: number
}

/** Groups that are not listed stand behind. */
const groups: Readonly<Record<string, number>> = {
  '': 18000, 'apps': 17800, 'events.k8s.io': 17750, 'authentication.k8s.io': 17700, 'authorization.k8s.io': 17600, 'autoscaling': 17500, 'batch': 17400,
  'certificates.k8s.io': 17300, 'networking.k8s.io': 17200, 'policy': 17100, 'rbac.authorization.k8s.io': 17000, 'storage.k8s.io': 16800,
  'admissionregistration.k8s.io': 16700, 'apiextensions.k8s.io': 16700, 'scheduling.k8s.io': 16600, 'coordination.k8s.io': 16500, 'node.k8s.io': 16300,
  'discovery.k8s.io': 16200, 'flowcontrol.apiserver.k8s.io': 16100, 'resource.k8s.io': 16200, 'internal.apiserver.k8s.io': 16000,
  'storagemigration.k8s.io': 15800,
}

/** Versions that stand elsewhere than others of their name do. */
const versions: Readonly<Record<string, number>> = {
  v1: 1, 'autoscaling/v2': 30, 'flowcontrol.apiserver.k8s.io/v1': 21, 'resource.k8s.io/v1': 21, 'resource.k8s.io/v1beta2': 15, 'resource.k8s.io/v1alpha3': 1,
  'admissionregistration.k8s.io/v1beta1': 12, 'coordination.k8s.io/v1beta1': 13, 'coordination.k8s.io/v1alpha2': 12, 'scheduling.k8s.io/v1alpha2': 2, 'certificates.k8s.io/v1alpha1': 1,
}

export const priorityOfBuiltIn = (group: string, version: string): Priority => ({
  groupPriorityMinimum: groups[group] ?? 1000,
  versionPriority: versions[group === '' ? version : `${group}/${version}`] ?? (/^v\d+$/.test(version) ? 15 : 9),
})

/** Definitions' groups come behind everything that is built in; their versions are sorted by their names alone. */
export const priorityOfCustom: Priority = { groupPriorityMinimum: 1000, versionPriority: 100 }
/** Whoever registers APIServices is known by this group, which stands before all others. */
export const registrationGroup = 'apiregistration.k8s.io'
