import type { Pod } from '#api/core/v1/types'
import { allContainers } from './pod-containers'

/** Names of the secrets that running this pod needs. A name may come more than once. */
export function* secretNamesOf(pod: Pick<Pod, 'spec'>): Iterable<string> {
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
