/**
 * Kinds whose DELETE answers with the object that went, as `group/resource`; all others answer with a Status. The original
 * decides it kind by kind, and clients have come to rely on it.
 */
export const answersWithDeletedObject: ReadonlySet<string> = new Set([
  '/pods', '/services', '/namespaces', '/persistentvolumes', '/persistentvolumeclaims', '/podtemplates', '/resourcequotas', '/serviceaccounts',
  'storage.k8s.io/csidrivers', 'storage.k8s.io/csinodes', 'storage.k8s.io/storageclasses', 'storage.k8s.io/volumeattachments',
  'storage.k8s.io/volumeattributesclasses', 'resource.k8s.io/deviceclasses', 'resource.k8s.io/resourceclaims',
  'resource.k8s.io/resourceclaimtemplates', 'resource.k8s.io/resourceslices',
])
