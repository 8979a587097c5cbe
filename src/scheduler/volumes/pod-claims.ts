import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '#api/core/v1/types'
import type { StorageClass } from '#api/storage/v1/types'
import { keyOf } from '#apimachinery/object'
import { compareQuantities } from '#apimachinery/quantity'
import { controllerOf } from '#component-helpers/owner-references'
import { claimsOfPod, findVolume, isFullyBound, noProvisioner, requestOf, volumeAnnotations, volumeReachableFrom, waitsForConsumer } from '#component-helpers/volumes'
import type { VolumeCaches } from './volume-caches'

/** A pod's claims: those that have a volume, and those that get one where the pod goes. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[]
  /** The smallest first, so that they do not take the volumes that larger ones need. */
  readonly open: readonly PersistentVolumeClaim[]
}

/** What a node has for the open claims: volumes to bind, and claims that a provisioner is asked for. */
export interface Bindings {
  readonly statics: readonly { claim: PersistentVolumeClaim; volume: PersistentVolume }[]
  readonly provision: readonly PersistentVolumeClaim[]
}

/** A text says why the pod cannot go anywhere yet. */
export function podClaims(pod: Pod, { claims, classOf }: VolumeCaches): PodClaims | string {
  const bound: PersistentVolumeClaim[] = []
  const open: PersistentVolumeClaim[] = []
  let unbound = false
  for (const { name, ephemeral } of claimsOfPod(pod)) {
    const claim = claims.get(`${pod.metadata.namespace}/${name}`)
    if (!claim) return ephemeral ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"` : `persistentvolumeclaim "${name}" not found`
    if (claim.status.phase === 'Lost') return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`
    if (ephemeral && controllerOf(claim)?.uid !== pod.metadata.uid) return `PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`
    if (isFullyBound(claim)) bound.push(claim)
    else if (!claim.spec.volumeName && waitsForConsumer(classOf(claim))) open.push(claim)
    else unbound = true
  }
  if (unbound) return 'pod has unbound immediate PersistentVolumeClaims'
  return { bound, open: open.sort((a, b) => compareQuantities(requestOf(a), requestOf(b))) }
}

export type Conflict = 'missing' | 'elsewhere' | 'none'

/** What a node has for a pod's claims, or why it is not the right one. */
export function bindingsOn(node: Node, { bound, open }: PodClaims, { volumes, classOf, promised }: VolumeCaches): Bindings | Conflict {
  for (const claim of bound) {
    const volume = volumes.get(claim.spec.volumeName!)
    if (!volume) return 'missing'
    if (!volumeReachableFrom(volume, node)) return 'elsewhere'
  }
  const statics: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = []
  const provision: PersistentVolumeClaim[] = []
  for (const claim of open) {
    const selected = claim.metadata.annotations?.[volumeAnnotations.selectedNode]
    if (selected !== undefined && selected !== node.metadata.name) return 'none'
    const isExcluded = ({ metadata: { name } }: PersistentVolume): boolean => statics.some(({ volume }) => volume.metadata.name === name) || (promised.get(name) ?? keyOf(claim)) !== keyOf(claim)
    const volume = selected === undefined ? findVolume(claim, volumes.list(), { node, isExcluded }) : undefined
    if (volume) statics.push({ claim, volume })
    else if (canProvision(classOf(claim), node)) provision.push(claim)
    else return 'none'
  }
  return { statics, provision }
}

function canProvision(storageClass: StorageClass | undefined, { metadata: { labels = {} } }: Node): boolean {
  if (!storageClass?.provisioner || storageClass.provisioner === noProvisioner) return false
  const { allowedTopologies } = storageClass
  if (!allowedTopologies?.length) return true
  return allowedTopologies.some(({ matchLabelExpressions = [] }) => matchLabelExpressions.every(({ key, values }) => labels[key] !== undefined && values.includes(labels[key])))
}
