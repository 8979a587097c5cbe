/** Versions that v1.36 still knows by name, and in which it serves nothing any more: to ask for them is no mistake. */
export const emptyVersions: readonly string[] = [
  'authentication.k8s.io/v1alpha1', 'authentication.k8s.io/v1beta1', 'flowcontrol.apiserver.k8s.io/v1beta1', 'flowcontrol.apiserver.k8s.io/v1beta2',
  'flowcontrol.apiserver.k8s.io/v1beta3', 'storage.k8s.io/v1alpha1',
]

/** Versions of v1.36 that are off by default and not built: their groups' stable versions are. */
export const unbuiltVersions: readonly string[] = ['scheduling.k8s.io/v1alpha2']
