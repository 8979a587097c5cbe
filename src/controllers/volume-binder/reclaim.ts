import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { PersistentVolume } from '#api/core/v1/types'
import { isNotFound } from '#apimachinery/api-error'
import { messageOf } from '#base/error-message'
import type { Client } from '#client/client'
import { volumeAnnotations } from '#component-helpers/volumes'
import type { Tell } from '#controller-runtime/controller'
import { setVolumePhase } from './bind'

export interface ReclaimOptions {
  /** Removes a directory of the machine on which volumes of hostPath are; without it there is none in reach. */
  removeDirectory?: (path: string) => Promise<void>
}

/** What becomes of a volume whose claim is gone. */
export async function reclaim(volume: PersistentVolume, client: Client, tell: Tell, { removeDirectory }: ReclaimOptions): Promise<void> {
  const { persistentVolumeReclaimPolicy: policy, hostPath } = volume.spec
  const fail = async (reason: string, message: string): Promise<void> => {
    if (await setVolumePhase(volume, 'Failed', client, message)) tell(persistentvolumes, volume, 'Warning', reason, message)
  }
  if (policy === 'Recycle') return fail('VolumeFailedRecycle', 'No recycler plugin found for the volume!')
  if (policy !== 'Delete') return
  // Whoever made it takes it away.
  if (volume.metadata.annotations?.[volumeAnnotations.provisionedBy] !== undefined) return
  if (!hostPath || !removeDirectory) return fail('VolumeFailedDelete', `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`)
  // The original's rule: an administrator's directory is not taken away because a claim was.
  if (!/^\/tmp\/.+/.test(hostPath.path) || hostPath.path.split('/').includes('..')) return fail('VolumeFailedDelete', `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`)
  try {
    await removeDirectory(hostPath.path)
  } catch (error) {
    return fail('VolumeFailedDelete', messageOf(error))
  }
  try {
    await client.delete(persistentvolumes, { name: volume.metadata.name }, { preconditions: { uid: volume.metadata.uid! } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
