/** Versions that v1.36 still knows by name, and in which it serves nothing any more: to ask for them is no mistake. */
export const emptyVersions: readonly string[] = [
  'authentication.k8s.io/v1alpha1', 'authentication.k8s.io/v1beta1', 'flowcontrol.apiserver.k8s.io/v1beta1', 'flowcontrol.apiserver.k8s.io/v1beta2',
  'flowcontrol.apiserver.k8s.io/v1beta3', 'storage.k8s.io/v1alpha1',
]

/** Of the versions that v1.36 has off by default, resources that are not built, though their version is; with the gate that they wait for. */
export const unbuiltResources: Readonly<Record<string, string>> = { 'certificates.k8s.io/v1beta1/podcertificaterequests': 'PodCertificateRequest' }
