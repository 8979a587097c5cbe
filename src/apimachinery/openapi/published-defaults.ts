/**
 * Defaults that the published documents name. They are few: most defaults are applied by code, and a reader of the document does not
 * learn of them. Server-side apply of clients needs those of list keys.
 */
export const publishedDefaults: Readonly<Record<string, unknown>> = {
  'AzureDiskVolumeSource.cachingMode': 'ReadWrite', 'AzureDiskVolumeSource.fsType': 'ext4', 'AzureDiskVolumeSource.kind': 'Shared', 'AzureDiskVolumeSource.readOnly': false,
  'ConfigMapEnvSource.name': '', 'ConfigMapKeySelector.name': '', 'ConfigMapProjection.name': '', 'ConfigMapVolumeSource.name': '', 'ContainerPort.protocol': 'TCP',
  'DeviceToleration.operator': 'Equal', 'FileKeySelector.optional': false, 'GRPCAction.service': '', 'ISCSIPersistentVolumeSource.iscsiInterface': 'default',
  'ISCSIVolumeSource.iscsiInterface': 'default', 'LocalObjectReference.name': '', 'PodGroupSpec.disruptionMode': 'Pod', 'RBDPersistentVolumeSource.keyring': '/etc/ceph/keyring', 'RBDPersistentVolumeSource.pool': 'rbd',
  'RBDPersistentVolumeSource.user': 'admin', 'RBDVolumeSource.keyring': '/etc/ceph/keyring', 'RBDVolumeSource.pool': 'rbd', 'RBDVolumeSource.user': 'admin',
  'ReplicationControllerSpec.minReadySeconds': 0, 'ReplicationControllerSpec.replicas': 1, 'ScaleIOPersistentVolumeSource.fsType': 'xfs',
  'ScaleIOPersistentVolumeSource.storageMode': 'ThinProvisioned', 'ScaleIOVolumeSource.fsType': 'xfs', 'ScaleIOVolumeSource.storageMode': 'ThinProvisioned', 'ResourcePoolStatusRequestSpec.limit': 100, 'ScaleSpec.replicas': 0,
  'SecretEnvSource.name': '', 'SecretKeySelector.name': '', 'SecretProjection.name': '', 'ServicePort.protocol': 'TCP',
}
