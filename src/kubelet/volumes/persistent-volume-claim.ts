import { lstat } from 'node:fs/promises'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { controllerOf } from '#component-helpers/owner-references'
import { MountError } from '../pod-host'
import { ownByGroup } from './directories'
import { hostPath } from './host-path'
import { defineVolumePlugin, type SetUp, type VolumeContext } from './volume-plugin'

/** A claim that is bound to a volume on this machine (hostPath, local). Others need a driver, which is refused by name. */
export const persistentVolumeClaim = defineVolumePlugin<'persistentVolumeClaim'>({
  source: 'persistentVolumeClaim',
  setUp: ({ claimName }, context) => setUpClaim(claimName, context, false),
  async tearDown() {},
})

/** A volume that lives as long as its pod: its claim is named after both. */
export const ephemeral = defineVolumePlugin<'ephemeral'>({
  source: 'ephemeral',
  setUp: (_template, context) => setUpClaim(`${context.pod.metadata.name}-${context.volume.name}`, context, true),
  async tearDown() {},
})

async function setUpClaim(name: string, context: VolumeContext, own: boolean): Promise<SetUp> {
  const { objects, pod } = context
  const claim = await objects.read(persistentvolumeclaims, pod, name)
  if (!claim) throw new MountError(`persistentvolumeclaim "${name}" not found`)
  const { namespace = '', deletionTimestamp } = claim.metadata
  if (own && controllerOf(claim)?.uid !== pod.metadata.uid) throw new MountError(`PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`)
  if (deletionTimestamp && !pod.status.containerStatuses?.length) throw new MountError(`can't start pod because PVC ${namespace}/${name} is being deleted`)
  const { volumeName = '', volumeMode = 'Filesystem' } = claim.spec
  if (claim.status?.phase !== 'Bound' || volumeName === '') throw new MountError(`PVC ${namespace}/${name} has non-bound phase (${JSON.stringify(claim.status?.phase ?? '')}) or empty pvc.Spec.VolumeName (${JSON.stringify(volumeName)})`)
  if (volumeMode !== 'Filesystem') throw new MountError(`PVC ${namespace}/${name} has volumeMode ${volumeMode}, which is not supported by this kubelet`)
  const volume = await objects.read(persistentvolumes, pod, volumeName)
  if (!volume) throw new MountError(`failed to fetch PV ${volumeName} from API server: persistentvolumes ${JSON.stringify(volumeName)} not found`)
  const { hostPath: onHost, local, claimRef } = volume.spec
  if (claimRef?.uid !== claim.metadata.uid) throw new MountError(`failed to fetch PV ${volumeName} from API server: pv ${volumeName} is bound to another claim`)
  if (onHost) return hostPath.setUp(onHost, context)
  if (!local) throw new MountError(`persistent volume ${volumeName}: its kind of storage is not supported by this kubelet (hostPath and local are)`)
  const found = await lstat(local.path).catch(() => undefined)
  if (!found) throw new MountError(`path ${JSON.stringify(local.path)} does not exist`)
  if (!found.isDirectory()) throw new MountError(`local volume ${volumeName}: ${local.path} is not a directory`)
  await ownByGroup(local.path, pod.spec.securityContext?.fsGroup, false)
  return { path: local.path }
}
