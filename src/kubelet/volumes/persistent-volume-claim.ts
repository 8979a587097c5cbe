import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { MountError } from '../pod-host'
import { hostPath } from './host-path'
import { defineVolumePlugin } from './volume-plugin'

/** A claim that is bound to a volume on this machine (hostPath, local). Others need a driver, which is refused by name. */
export const persistentVolumeClaim = defineVolumePlugin<'persistentVolumeClaim'>({
  source: 'persistentVolumeClaim',
  async setUp({ claimName }, context) {
    const claim = await context.objects.get(persistentvolumeclaims, context.pod, claimName)
    if (!claim) throw new MountError(`persistentvolumeclaim "${claimName}" not found`)
    if (claim.status?.phase !== 'Bound' || !claim.spec.volumeName) throw new MountError(`PVC ${claim.metadata.namespace ?? ''}/${claimName} has non-bound phase ("${claim.status?.phase ?? ''}") or empty pvc.Spec.VolumeName ("${claim.spec.volumeName ?? ''}")`)
    const volume = await context.objects.get(persistentvolumes, context.pod, claim.spec.volumeName)
    if (!volume) throw new MountError(`persistentvolume "${claim.spec.volumeName}" not found`)
    if (volume.spec.hostPath) return hostPath.setUp(volume.spec.hostPath, context)
    if (volume.spec.local) return hostPath.setUp({ path: volume.spec.local.path, type: 'Directory' }, context)
    throw new MountError(`persistent volume ${volume.metadata.name}: its kind of storage is not supported by this kubelet (hostPath and local are)`)
  },
  async tearDown() {},
})
