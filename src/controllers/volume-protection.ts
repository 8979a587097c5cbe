import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import { volumeattributesclasses } from '#api/storage/v1/volume-attributes-class'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/core/v1/types'
import { clone } from '#base/clone'
import type { Client } from '#client/client'
import { defineController, on } from '#controller-runtime/controller'
import { controllerOf } from '#component-helpers/owner-references'
import { isTerminal } from '#component-helpers/pod-status'
import { claimsOfPod } from '#component-helpers/volumes'

const claimFinalizer = 'kubernetes.io/pvc-protection'
const volumeFinalizer = 'kubernetes.io/pv-protection'
const attributesFinalizer = 'kubernetes.io/vac-protection'

/** The claims that a pod may use, by `namespace/name`. */
const claimsOf = (pod: Pod): string[] => claimsOfPod(pod).map(({ name }) => `${pod.metadata.namespace}/${name}`)

/** Keeps a PersistentVolumeClaim that is deleted for as long as a pod on a node uses it. */
export const persistentVolumeClaimProtection = defineController({
  name: 'persistentvolumeclaim-protection-controller',
  serviceAccount: 'pvc-protection-controller',
  watches: [
    on(persistentvolumeclaims),
    on(pods, claimsOf, { indexes: { claim: claimsOf }, when: (pod) => pod === undefined || isTerminal(pod) || !pod.spec.nodeName || isShutDown(pod) }),
  ],
  writes: [persistentvolumeclaims],

  async reconcile(key, { cached, client }) {
    const claim = cached(persistentvolumeclaims).get(key)
    if (!claim) return
    const isUsed = async (): Promise<boolean> => {
      if (cached(pods).by('claim', key).some((pod) => uses(pod, claim))) return true
      // A pod that the cache does not show yet would lose its data.
      const { items } = await client.list(pods, { namespace: claim.metadata.namespace })
      return items.some((pod) => uses(pod, claim))
    }
    await protect(persistentvolumeclaims, claim, claimFinalizer, isUsed, client)
  },
})

/** Keeps a PersistentVolume that is deleted for as long as a claim has it. */
export const persistentVolumeProtection = defineController({
  name: 'persistentvolume-protection-controller',
  serviceAccount: 'pv-protection-controller',
  watches: [on(persistentvolumes)],
  writes: [persistentvolumes],

  async reconcile(key, { cached, client }) {
    const volume = cached(persistentvolumes).get(key)
    if (volume) await protect(persistentvolumes, volume, volumeFinalizer, () => volume.status?.phase === 'Bound', client)
  },
})

/** What a claim asks for, has, or is on its way to. */
function attributesOfClaim({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [spec.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName]
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[]
}
const attributesOfVolume = ({ spec }: PersistentVolume): string[] => (spec.volumeAttributesClassName ? [spec.volumeAttributesClassName] : [])

/** Keeps a VolumeAttributesClass that is deleted for as long as a claim or a volume has it. */
export const volumeAttributesClassProtection = defineController({
  name: 'volumeattributesclass-protection-controller',
  watches: [
    on(volumeattributesclasses),
    on(persistentvolumeclaims, attributesOfClaim, { indexes: { attributes: attributesOfClaim } }),
    on(persistentvolumes, attributesOfVolume, { indexes: { attributes: attributesOfVolume } }),
  ],
  writes: [volumeattributesclasses],

  async reconcile(name, { cached, client }) {
    const attributes = cached(volumeattributesclasses).get(name)
    if (!attributes) return
    const isUsed = async (): Promise<boolean> => {
      if (cached(persistentvolumes).by('attributes', name).length > 0 || cached(persistentvolumeclaims).by('attributes', name).length > 0) return true
      // A claim that the cache does not show yet would be left with a class that is gone.
      const { items } = await client.list(persistentvolumeclaims, {})
      return items.some((claim) => attributesOfClaim(claim).includes(name))
    }
    await protect(volumeattributesclasses, attributes, attributesFinalizer, isUsed, client)
  },
})

async function protect<T extends KubeObject>(resource: ResourceRef<T>, object: T, finalizer: string, isUsed: () => boolean | Promise<boolean>, client: Client): Promise<void> {
  const { deletionTimestamp, finalizers = [] } = object.metadata
  const isThere = finalizers.includes(finalizer)
  if (isThere === !deletionTimestamp) return
  if (deletionTimestamp && (await isUsed())) return
  const copy = clone(object) as T & KubeObject
  copy.metadata.finalizers = deletionTimestamp ? finalizers.filter((name) => name !== finalizer) : [...finalizers, finalizer]
  await client.update(resource, copy as never)
}

/** Only a pod on a node counts: kubelets start none whose claim is on its way out. */
function uses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName) return false
  return (pod.spec.volumes ?? []).some(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return persistentVolumeClaim.claimName === claim.metadata.name
    // The claim of an ephemeral volume is its pod's, and each would wait for the other to go first.
    return ephemeral !== undefined && !isShutDown(pod) && `${pod.metadata.name}-${name}` === claim.metadata.name && controllerOf(claim)?.uid === pod.metadata.uid
  })
}

/** Its kubelet has let go of it; only finalizers hold it. */
const isShutDown = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0
