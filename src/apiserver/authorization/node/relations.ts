import type { PersistentVolume, Pod } from '#api/core/v1/types'
import type { ResourceSlice } from '#api/resource/v1/types'
import type { VolumeAttachment } from '#api/storage/v1/types'
import type { Informer } from '#client/informer'
import { secretNamesOf } from '#component-helpers/pod-secrets'
import { claimsOf, configMapsOf, resourceClaimsOf, secretsOfVolume } from './pod-references'

/** What a pod gives its node the right to look at. */
export type Related = 'secrets' | 'configmaps' | 'persistentvolumeclaims' | 'serviceaccounts' | 'resourceclaims'

export interface NodeSource {
  readonly pods: Pick<Informer<Pod>, 'get' | 'by' | 'index'>
  readonly persistentVolumes: Pick<Informer<PersistentVolume>, 'get' | 'by' | 'index'>
  readonly volumeAttachments: Pick<Informer<VolumeAttachment>, 'get'>
  readonly resourceSlices: Pick<Informer<ResourceSlice>, 'get'>
}

/** Which objects the pods of a node use: no graph of its own, only indexes over what is in memory anyway. */
export interface Relations {
  uses(node: string, sort: Related, namespace: string, name: string): boolean
  usesVolume(node: string, name: string): boolean
  isAttachedTo(node: string, volumeAttachment: string): boolean
  runs(node: string, namespace: string, pod: string): boolean
  publishes(node: string, resourceSlice: string): boolean
}

const byUse = 'node-authorizer/use'
const bySecret = 'node-authorizer/secret'
const mirror = 'kubernetes.io/config.mirror'

export function relations({ pods, persistentVolumes, volumeAttachments, resourceSlices }: NodeSource): Relations {
  pods.index(byUse, usesOf)
  persistentVolumes.index(bySecret, (volume) => (volume.spec.claimRef ? [...secretsOfVolume(volume)] : []))

  const uses = (node: string, sort: Related, namespace: string, name: string): boolean => pods.by(byUse, `${node}/${sort}/${namespace}/${name}`).length > 0
  const holdsClaimOf = (node: string, volume: PersistentVolume): boolean => {
    const claim = volume.spec.claimRef
    return claim !== undefined && uses(node, 'persistentvolumeclaims', claim.namespace ?? '', claim.name ?? '')
  }
  return {
    uses: (node, sort, namespace, name) =>
      uses(node, sort, namespace, name) || (sort === 'secrets' && persistentVolumes.by(bySecret, `${namespace}/${name}`).some((volume) => holdsClaimOf(node, volume))),
    usesVolume(node, name) {
      const volume = persistentVolumes.get(name)
      return volume !== undefined && holdsClaimOf(node, volume)
    },
    isAttachedTo: (node, name) => volumeAttachments.get(name)?.spec.nodeName === node,
    publishes: (node, name) => resourceSlices.get(name)?.spec.nodeName === node,
    runs: (node, namespace, pod) => pods.get(`${namespace}/${pod}`)?.spec.nodeName === node,
  }
}

function usesOf(pod: Pod): string[] {
  const { nodeName, serviceAccountName } = pod.spec
  // A node makes mirror pods itself: it must not give itself rights by what it writes into one.
  if (!nodeName || pod.metadata.annotations?.[mirror] !== undefined) return []
  const keys = new Set<string>()
  const add = (sort: Related, names: Iterable<string>): void => {
    for (const name of names) keys.add(`${nodeName}/${sort}/${pod.metadata.namespace}/${name}`)
  }
  if (serviceAccountName) add('serviceaccounts', [serviceAccountName])
  add('secrets', secretNamesOf(pod))
  add('configmaps', configMapsOf(pod))
  add('persistentvolumeclaims', claimsOf(pod))
  add('resourceclaims', resourceClaimsOf(pod))
  return [...keys]
}
