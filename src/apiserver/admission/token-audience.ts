import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { Pod } from '#api/core/v1/types'
import { csidrivers } from '#api/storage/v1/csi-driver'
import { getOrLive } from '../authentication/objects'
import type { ObjectReader } from '../authentication/objects'
import type { Authorizer } from '../authorization/authorizer'
import type { AdmissionRequest } from './plugin'

/**
 * Whether a node may ask for tokens of an audience for a pod: when the pod mounts such a token, when a CSI driver of its
 * volumes wants one, or when somebody allowed it by name. Returns what is wrong.
 */
export async function mayRequestAudience(
  { objects, authorizer }: { objects: ObjectReader; authorizer: Authorizer }, request: AdmissionRequest, audiences: readonly string[], pod: Pod,
): Promise<string | undefined> {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences'
  const audience = audiences[0] ?? ''
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.projected?.sources?.some(({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience)) return undefined
    const claim = volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : volume.persistentVolumeClaim?.claimName
    const driver = claim ? await driverOf(objects, request.namespace, claim) : volume.csi?.driver
    const wanted = driver ? (await getOrLive(objects, csidrivers, { name: driver }))?.spec.tokenRequests : undefined
    if (wanted?.some((token) => token.audience === audience)) return undefined
  }
  const { verdict } = await authorizer.authorize({
    isResource: true, verb: 'request-serviceaccounts-token-audience', path: '', group: '', version: 'v1', resource: audience, subresource: '',
    namespace: request.namespace, name: request.name, user: request.user,
  })
  return verdict === 'allow' ? undefined : `audience ${JSON.stringify(audience)} not found in pod spec volume, ${request.user.name} is not authorized to request tokens for this audience`
}

async function driverOf(objects: ObjectReader, namespace: string, claim: string): Promise<string | undefined> {
  const volume = (await getOrLive(objects, persistentvolumeclaims, { namespace, name: claim }))?.spec.volumeName
  return volume ? (await getOrLive(objects, persistentvolumes, { name: volume }))?.spec.csi?.driver : undefined
}
