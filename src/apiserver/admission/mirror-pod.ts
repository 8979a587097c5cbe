import type { Pod, Volume, VolumeProjection } from '#api/core/v1/types'
import { secretNamesOf } from '#component-helpers/pod-secrets'
import { configMapsOf } from '../authorization/node/pod-references'

/** The sort of API object that a pod refers to, in the original's words; undefined: none, as a mirror pod must. */
export function referenceIn(pod: Pod): string | undefined {
  const { spec } = pod
  if (spec.serviceAccountName) return 'serviceaccounts'
  for (const _secret of secretNamesOf(pod)) return 'secrets'
  for (const _map of configMapsOf(pod)) return 'configmaps'
  if (spec.resourceClaims?.length) return 'resourceclaims'
  for (const volume of spec.volumes ?? []) {
    const found = inVolume(volume)
    if (found) return found
  }
  return undefined
}

function inVolume({ configMap, secret, csi, glusterfs, persistentVolumeClaim, ephemeral, azureFile, projected }: Volume): string | undefined {
  if (configMap) return 'configmaps (via configmap volumes)'
  if (secret) return 'secrets (via secret volumes)'
  if (csi) return 'csidrivers (via CSI volumes)'
  if (glusterfs) return 'endpoints (via glusterFS volumes)'
  if (persistentVolumeClaim) return 'persistentvolumeclaims'
  if (ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)'
  if (azureFile) return 'secrets (via azureFile volumes)'
  for (const source of projected?.sources ?? []) {
    const found = inProjection(source)
    if (found) return found
  }
  return undefined
}

function inProjection({ configMap, secret, serviceAccountToken, clusterTrustBundle, podCertificate }: VolumeProjection): string | undefined {
  if (configMap) return 'configmaps (via projected volumes)'
  if (secret) return 'secrets (via projected volumes)'
  if (serviceAccountToken) return 'serviceaccounts (via projected volumes)'
  if (clusterTrustBundle) return 'clustertrustbundles'
  return podCertificate ? 'podcertificates' : undefined
}
