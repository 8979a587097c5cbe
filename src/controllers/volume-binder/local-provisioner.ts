import { isAlreadyExists, isNotFound } from '#apimachinery/api-error'
import { keyOf } from '#apimachinery/object'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { PersistentVolume, PersistentVolumeClaim } from '#api/core/v1/types'
import { storageclasses } from '#api/storage/v1/storage-class'
import { classOfClaim, requestOf, volumeAnnotations } from '#component-helpers/volumes'
import { defineController, on, reading } from '#controller-runtime/controller'

export const localProvisioner = 'navarch.dev/local'

export interface LocalProvisionerOptions {
  /** The one node that there is; without it any, since volumes of simulated nodes exist in words only. */
  nodeName?: string
  /** Where the volumes are made on a node. */
  directory: string
  makeDirectory(path: string): Promise<void>
  removeDirectory(path: string): Promise<void>
}

/**
 * Makes volumes on the disks of nodes: a directory for each claim whose class names `navarch.dev/local`, taken away with its claim
 * where the class says so. Sizes are not enforced: a directory has none.
 */
export function localVolumeProvisioner({ nodeName, directory, makeDirectory, removeDirectory }: LocalProvisionerOptions) {
  const pathOf = (volume: string): string => `${directory}/${volume}`
  return defineController({
    name: 'local-volume-provisioner',
    watches: [
      on(persistentvolumeclaims, (claim) => [`claim/${keyOf(claim)}`], { when: (claim) => claim !== undefined && isAsked(claim) }),
      on(persistentvolumes, (volume) => [`volume/${volume.metadata.name}`], { when: (volume) => volume !== undefined && isLeft(volume) }),
      reading(storageclasses),
    ],
    writes: [persistentvolumes],

    async reconcile(key, { cached, client, tell }) {
      const [kind, ...rest] = key.split('/')
      if (kind === 'volume') {
        const volume = cached(persistentvolumes).get(rest.join('/'))
        if (!volume || !isLeft(volume)) return
        // Only what was made here: a volume may say whatever its author liked.
        if (volume.spec.local?.path === pathOf(volume.metadata.name)) await removeDirectory(volume.spec.local.path)
        await client.delete(persistentvolumes, { name: volume.metadata.name }, { preconditions: { uid: volume.metadata.uid! } }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error
        })
        return
      }
      const claim = cached(persistentvolumeclaims).get(rest.join('/'))
      if (!claim || !isAsked(claim)) return
      const storageClass = cached(storageclasses).get(classOfClaim(claim))
      const node = claim.metadata.annotations?.[volumeAnnotations.selectedNode] ?? nodeName
      const isChosen = claim.metadata.annotations?.[volumeAnnotations.selectedNode] !== undefined
      const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
      if (!storageClass || storageClass.provisioner !== localProvisioner || (waits && !isChosen) || (nodeName !== undefined && node !== nodeName)) return
      const { namespace, name, uid } = claim.metadata
      if (claim.spec.volumeMode === 'Block') return tell(persistentvolumeclaims, claim, 'Warning', 'ProvisioningFailed', `failed to provision volume with StorageClass ${JSON.stringify(storageClass.metadata.name)}: volumes of mode Block cannot be made of directories`)
      const volume = `pvc-${uid}`
      if (cached(persistentvolumes).get(volume)) return
      await makeDirectory(pathOf(volume))
      try {
        await client.create(persistentvolumes, {
          metadata: { name: volume, annotations: { [volumeAnnotations.provisionedBy]: localProvisioner } },
          spec: {
            capacity: { storage: requestOf(claim) }, accessModes: [...(claim.spec.accessModes ?? [])], volumeMode: 'Filesystem', storageClassName: storageClass.metadata.name,
            persistentVolumeReclaimPolicy: storageClass.reclaimPolicy, local: { path: pathOf(volume) },
            claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: namespace!, name, uid: uid! },
            ...(node === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } } }),
          },
        })
      } catch (error) {
        if (isAlreadyExists(error)) return
        throw error
      }
      tell(persistentvolumeclaims, claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volume}`)
    },
  })
}

/** The binder asks for a volume for it. */
const isAsked = ({ metadata, spec }: PersistentVolumeClaim): boolean => !spec.volumeName && !metadata.deletionTimestamp && metadata.annotations?.[volumeAnnotations.provisioner] === localProvisioner

/** Its claim is gone, and it is to go too. */
const isLeft = ({ metadata, spec, status }: PersistentVolume): boolean =>
  metadata.annotations?.[volumeAnnotations.provisionedBy] === localProvisioner && !metadata.deletionTimestamp && status.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete'
