import type { PersistentVolume, Pod } from '#api/core/v1/types'
import { allContainers } from '#component-helpers/pod-containers'

/** Names of the config maps that running this pod needs. */
export function* configMapsOf(pod: Pick<Pod, 'spec'>): Iterable<string> {
  for (const container of allContainers(pod)) {
    for (const { configMapRef } of container.envFrom ?? []) if (configMapRef?.name) yield configMapRef.name
    for (const { valueFrom } of container.env ?? []) if (valueFrom?.configMapKeyRef?.name) yield valueFrom.configMapKeyRef.name
  }
  for (const { configMap, projected } of pod.spec.volumes ?? []) {
    if (configMap?.name) yield configMap.name
    for (const source of projected?.sources ?? []) if (source.configMap?.name) yield source.configMap.name
  }
}

/** Names of its claims; an ephemeral volume's is named after pod and volume. */
export function* claimsOf({ metadata, spec }: Pod): Iterable<string> {
  for (const volume of spec.volumes ?? []) {
    if (volume.persistentVolumeClaim) yield volume.persistentVolumeClaim.claimName
    else if (volume.ephemeral) yield `${metadata.name}-${volume.name}`
  }
}

/** Names of the resource claims (devices) it uses, as far as they are made. */
export function* resourceClaimsOf({ spec, status }: Pod): Iterable<string> {
  for (const { name, resourceClaimName } of spec.resourceClaims ?? []) {
    const made = resourceClaimName ?? status?.resourceClaimStatuses?.find((claim) => claim.name === name)?.resourceClaimName
    if (made) yield made
  }
  // Made for a device that was asked for as if it were memory or a CPU.
  const extended = status?.extendedResourceClaimStatus?.resourceClaimName
  if (extended) yield extended
}

/** Secrets, as `namespace/name`, that a kubelet needs to mount a volume. Those that only controllers need are not among them. */
export function* secretsOfVolume({ spec }: PersistentVolume): Iterable<string> {
  const claimNamespace = spec.claimRef?.namespace ?? ''
  const { azureFile, csi } = spec
  if (azureFile) yield `${azureFile.secretNamespace || claimNamespace}/${azureFile.secretName}`
  const references = [
    spec.cephfs?.secretRef, spec.cinder?.secretRef, spec.flexVolume?.secretRef, spec.rbd?.secretRef, spec.scaleIO?.secretRef, spec.iscsi?.secretRef,
    spec.storageos?.secretRef, csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef,
  ]
  for (const reference of references) if (reference?.name) yield `${reference.namespace || claimNamespace}/${reference.name}`
}
