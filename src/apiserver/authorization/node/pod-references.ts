import type { Container, EphemeralContainer, PersistentVolume, Pod } from '#api/core/v1/types'

/** Containers of all three sorts. */
export function* allContainers({ spec }: Pick<Pod, 'spec'>): Iterable<Container | EphemeralContainer> {
  yield* spec.initContainers ?? []
  yield* spec.containers ?? []
  yield* spec.ephemeralContainers ?? []
}

/** Names of the secrets that running this pod needs. A name may come more than once. */
export function* secretsOf(pod: Pick<Pod, 'spec'>): Iterable<string> {
  for (const { name } of pod.spec.imagePullSecrets ?? []) if (name) yield name
  for (const container of allContainers(pod)) {
    for (const { secretRef } of container.envFrom ?? []) if (secretRef?.name) yield secretRef.name
    for (const { valueFrom } of container.env ?? []) if (valueFrom?.secretKeyRef?.name) yield valueFrom.secretKeyRef.name
  }
  for (const volume of pod.spec.volumes ?? []) {
    const reference = volume.cephfs?.secretRef ?? volume.cinder?.secretRef ?? volume.flexVolume?.secretRef ?? volume.rbd?.secretRef
      ?? volume.scaleIO?.secretRef ?? volume.iscsi?.secretRef ?? volume.storageos?.secretRef ?? volume.csi?.nodePublishSecretRef
    const name = volume.secret?.secretName ?? volume.azureFile?.secretName ?? reference?.name
    if (name) yield name
    for (const { secret } of volume.projected?.sources ?? []) if (secret?.name) yield secret.name
  }
}

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
