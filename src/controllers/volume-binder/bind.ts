import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { PersistentVolume, PersistentVolumeClaim } from '#api/core/v1/types'
import { sameData } from '#base/clone'
import type { Client } from '#client/client'
import { isBoundTo, volumeAnnotations } from '#component-helpers/volumes'

/** The volume names its claim, then the claim its volume: each with its phase. Idempotent; throws where one was written meanwhile. */
export async function bind(volume: PersistentVolume, claim: PersistentVolumeClaim, client: Client): Promise<void> {
  const kept = await keepFor(claim, volume, client)
  await setVolumePhase(kept, 'Bound', client)
  const named = await nameVolume(claim, kept, client)
  await setClaimStatus(named, 'Bound', kept, client)
}

/** That we chose the volume, not somebody by hand, is written down: then we may let go of it too. */
async function keepFor(claim: PersistentVolumeClaim, volume: PersistentVolume, client: Client): Promise<PersistentVolume> {
  if (isBoundTo(volume, claim) && volume.spec.claimRef!.uid) return volume
  const { namespace, name, uid, resourceVersion } = claim.metadata
  const chosen = isBoundTo(volume, claim) ? {} : { [volumeAnnotations.boundByController]: 'yes' }
  return client.update(persistentvolumes, {
    ...volume,
    metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...chosen } },
    spec: { ...volume.spec, claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion } },
  })
}

async function nameVolume(claim: PersistentVolumeClaim, volume: PersistentVolume, client: Client): Promise<PersistentVolumeClaim> {
  const annotations: Record<string, string> = { ...claim.metadata.annotations, [volumeAnnotations.bindCompleted]: claim.metadata.annotations?.[volumeAnnotations.bindCompleted] ?? 'yes' }
  if (claim.spec.volumeName !== volume.metadata.name) annotations[volumeAnnotations.boundByController] = 'yes'
  if (claim.spec.volumeName === volume.metadata.name && sameData(annotations, claim.metadata.annotations)) return claim
  return client.update(persistentvolumeclaims, { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: volume.metadata.name } })
}

export async function setClaimStatus(claim: PersistentVolumeClaim, phase: 'Pending' | 'Bound' | 'Lost', volume: PersistentVolume | undefined, client: Client): Promise<boolean> {
  const status = { ...claim.status, phase }
  if (volume) {
    status.accessModes = volume.spec.accessModes
    // A claim that is bound keeps the size that it was told: growing it is another's business.
    if (claim.status.phase !== 'Bound' || !status.capacity) status.capacity = volume.spec.capacity
    if (volume.spec.volumeAttributesClassName) status.currentVolumeAttributesClassName ??= volume.spec.volumeAttributesClassName
  } else {
    delete status.accessModes
    delete status.capacity
  }
  if (sameData(status, claim.status)) return false
  await client.update(persistentvolumeclaims, { ...claim, status }, { subresource: 'status' })
  return true
}

export async function setVolumePhase(volume: PersistentVolume, phase: 'Available' | 'Bound' | 'Released' | 'Failed', client: Client, message = ''): Promise<boolean> {
  if (volume.status.phase === phase && (volume.status.message ?? '') === message) return false
  const { message: _old, ...status } = volume.status
  await client.update(persistentvolumes, { ...volume, status: { ...status, phase, ...(message ? { message } : {}) } }, { subresource: 'status' })
  return true
}
