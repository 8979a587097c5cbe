import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '#api/core/v1/types'
import type { StorageClass } from '#api/storage/v1/types'
import { compareQuantities } from '#apimachinery/quantity'
import { matchesLabels, selectorOfObject } from '#apimachinery/selectors/label-selector'
import { nodeMatchesSelector } from './node-affinity'

/** What the binder and the scheduler tell each other on claims and volumes. */
export const volumeAnnotations = {
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  selectedNode: 'volume.kubernetes.io/selected-node',
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
} as const
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** A class of volumes that are made by hand. */
export const noProvisioner = 'kubernetes.io/no-provisioner'

/** The claims that a pod uses, by name in its namespace; `ephemeral`: made for this pod alone. */
export function claimsOfPod({ metadata, spec }: Pod): { name: string; ephemeral: boolean }[] {
  const claims: { name: string; ephemeral: boolean }[] = []
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    if (persistentVolumeClaim) claims.push({ name: persistentVolumeClaim.claimName, ephemeral: false })
    else if (ephemeral) claims.push({ name: `${metadata.name}-${name}`, ephemeral: true })
  }
  return claims
}

export const classOfClaim = ({ metadata, spec }: PersistentVolumeClaim): string => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''
export const classOfVolume = ({ metadata, spec }: PersistentVolume): string => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''

/** Bound, and known to be: the claim names its volume, and the binder has finished. */
export const isFullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean => Boolean(spec.volumeName) && metadata.annotations?.[volumeAnnotations.bindCompleted] !== undefined

/** Whether the claim is bound only when a pod that uses it is scheduled. */
export const waitsForConsumer = (storageClass: StorageClass | undefined): boolean => storageClass?.volumeBindingMode === 'WaitForFirstConsumer'

/** Whether the volume is kept for this claim: by name, and by uid where it has one. */
export function isBoundTo({ spec: { claimRef } }: PersistentVolume, { metadata: { namespace, name, uid } }: PersistentVolumeClaim): boolean {
  return claimRef !== undefined && claimRef.name === name && claimRef.namespace === namespace && (!claimRef.uid || claimRef.uid === uid)
}

export const volumeReachableFrom = ({ spec: { nodeAffinity } }: PersistentVolume, node: Node): boolean => !nodeAffinity?.required || nodeMatchesSelector(node, nodeAffinity.required)

export const volumeModesDiffer = (claim: PersistentVolumeClaim, volume: PersistentVolume): boolean => (claim.spec.volumeMode || 'Filesystem') !== (volume.spec.volumeMode || 'Filesystem')

/** Why a claim that asks for this very volume cannot have it. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small'
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match'
  if (attributesDiffer(volume, claim)) return 'volumeAttributesClassName does not match'
  if (volumeModesDiffer(claim, volume)) return 'incompatible volumeMode'
  return hasAccessModes(volume, claim) ? undefined : 'incompatible accessMode'
}

export interface MatchOptions {
  /** The node from which it must be reachable; without it, any. */
  node?: Node
  /** Only volumes that are kept for the claim already count, since it waits for its consumer. */
  keptOnly?: boolean
  isExcluded?: (volume: PersistentVolume) => boolean
}

/** The volume that is kept for a claim, or else the smallest free one that suits it. */
export function findVolume(claim: PersistentVolumeClaim, volumes: Iterable<PersistentVolume>, { node, keptOnly = false, isExcluded }: MatchOptions = {}): PersistentVolume | undefined {
  const wanted = classOfClaim(claim)
  const selector = claim.spec.selector && selectorOfObject(claim.spec.selector)
  let smallest: PersistentVolume | undefined
  for (const volume of volumes) {
    const kept = volume.spec.claimRef !== undefined
    if ((kept && !isBoundTo(volume, claim)) || isExcluded?.(volume)) continue
    if (volume.metadata.deletionTimestamp || !isLargeEnough(volume, claim) || volumeModesDiffer(claim, volume) || attributesDiffer(volume, claim)) continue
    const reachable = !node || volumeReachableFrom(volume, node)
    if (kept) return reachable ? volume : undefined
    if (keptOnly || !reachable || volume.status.phase !== 'Available' || classOfVolume(volume) !== wanted || !hasAccessModes(volume, claim)) continue
    if (selector && !matchesLabels(selector, volume.metadata.labels)) continue
    if (!smallest || compareQuantities(capacityOf(volume), capacityOf(smallest)) < 0) smallest = volume
  }
  return smallest
}

export const capacityOf = ({ spec }: PersistentVolume): string => spec.capacity?.['storage'] ?? '0'
export const requestOf = ({ spec }: PersistentVolumeClaim): string => spec.resources.requests?.['storage'] ?? '0'
const isLargeEnough = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => compareQuantities(capacityOf(volume), requestOf(claim)) >= 0
const attributesDiffer = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => (claim.spec.volumeAttributesClassName ?? '') !== (volume.spec.volumeAttributesClassName ?? '')
const hasAccessModes = ({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean => (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode))
