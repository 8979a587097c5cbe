import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { PersistentVolume, PersistentVolumeClaim } from '#api/core/v1/types'
import { isNotFound } from '#apimachinery/api-error'
import type { Client } from '#client/client'
import { volumeAnnotations, volumeModesDiffer } from '#component-helpers/volumes'
import type { Cached, ReconcileContext } from '#controller-runtime/controller'
import { setVolumePhase } from './bind'
import { reclaim, type ReclaimOptions } from './reclaim'

/** A volume is free, kept for a claim, bound, or left behind by one that is gone. */
export async function syncVolume(volume: PersistentVolume, { cached, client, tell }: Pick<ReconcileContext<unknown>, 'cached' | 'client' | 'tell'>, options: ReclaimOptions): Promise<void> {
  const { claimRef } = volume.spec
  // Without a uid it is kept for a claim that has not come for it yet.
  if (!claimRef?.uid) return void (await setVolumePhase(volume, 'Available', client))
  const claim = await claimOf(claimRef, cached, client)
  if (!claim) return release(volume, client, tell, options)
  if (!claim.spec.volumeName) {
    // The claim's own turn binds it, unless it cannot.
    if (!volumeModesDiffer(claim, volume)) return
    tell(persistentvolumes, volume, 'Warning', 'VolumeMismatch', `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name}" due to incompatible volumeMode.`)
    tell(persistentvolumeclaims, claim, 'Warning', 'VolumeMismatch', `Cannot bind PersistentVolume "${volume.metadata.name}" to requested PersistentVolumeClaim due to incompatible volumeMode.`)
  } else if (claim.spec.volumeName === volume.metadata.name) await setVolumePhase(volume, 'Bound', client)
  else if (volume.metadata.annotations?.[volumeAnnotations.provisionedBy] !== undefined && volume.spec.persistentVolumeReclaimPolicy === 'Delete') await release(volume, client, tell, options)
  else await unbind(volume, client)
}

async function release(volume: PersistentVolume, client: Client, tell: ReconcileContext<unknown>['tell'], options: ReclaimOptions): Promise<void> {
  // What failed before is still to be seen while it is tried again. The change of phase comes back here.
  if (volume.status.phase !== 'Released' && volume.status.phase !== 'Failed') return void (await setVolumePhase(volume, 'Released', client))
  await reclaim(volume, client, tell, options)
}

/** The claim with the uid that the volume knows; one of the same name that was made later is another. */
async function claimOf({ namespace, name, uid }: NonNullable<PersistentVolume['spec']['claimRef']>, cached: Cached, client: Client): Promise<PersistentVolumeClaim | undefined> {
  const seen = cached(persistentvolumeclaims).get(`${namespace}/${name}`)
  if (seen?.metadata.uid === uid) return seen
  try {
    // Data hangs on it: the cache may not show it yet.
    const claim = await client.get(persistentvolumeclaims, { namespace: namespace!, name: name! })
    return claim.metadata.uid === uid ? claim : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Its claim has got another volume. What was bound by hand stays kept for a claim of that name. */
async function unbind(volume: PersistentVolume, client: Client): Promise<void> {
  const { claimRef, ...spec } = volume.spec
  const { [volumeAnnotations.boundByController]: ours, ...annotations } = volume.metadata.annotations ?? {}
  const { uid: _uid, ...kept } = claimRef!
  const changed = await client.update(persistentvolumes, {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: ours === undefined ? { ...spec, claimRef: kept } : spec,
  })
  await setVolumePhase(changed, 'Available', client)
}
