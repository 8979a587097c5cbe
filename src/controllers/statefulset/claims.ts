import { isAlreadyExists } from '#apimachinery/api-error'
import type { OwnerReference } from '#apimachinery/meta/v1/types'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { statefulsets } from '#api/apps/v1/stateful-set'
import type { StatefulSet } from '#api/apps/v1/types'
import type { Pod } from '#api/core/v1/types'
import { clone } from '#base/clone'
import { messageOf } from '#base/error-message'
import type { ReconcileContext } from '#controller-runtime/controller'
import { claimName, claimsFor, podName } from './identity'

/** Makes the claims of an ordinal that are not there yet. */
export async function createClaims(set: StatefulSet, ordinal: number, { cached, client, tell }: ReconcileContext<unknown>): Promise<void> {
  const of = `Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name}`
  for (const claim of claimsFor(set, ordinal)) {
    const { namespace, name } = claim.metadata as { namespace: string; name: string }
    const there = cached(persistentvolumeclaims).get(`${namespace}/${name}`)
    if (there?.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`)
    if (there) continue
    try {
      await client.create(persistentvolumeclaims, claim)
      tell(statefulsets, set, 'Normal', 'SuccessfulCreate', `create Claim ${name} ${of} success`)
    } catch (error) {
      if (isAlreadyExists(error)) continue
      tell(statefulsets, set, 'Warning', 'FailedCreate', `create Claim ${name} ${of} failed error: ${messageOf(error)}`)
      throw error
    }
  }
}

/**
 * Says through owner references when claims go: with the set (whenDeleted: Delete), with a pod that is scaled away
 * (whenScaled: Delete), or never; the garbage collector does the rest. References that others set are left alone.
 */
export async function keepRetention(set: StatefulSet, ordinal: number, pod: Pod | undefined, condemned: boolean, { cached, client }: ReconcileContext<unknown>): Promise<void> {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const claim = cached(persistentvolumeclaims).get(`${set.metadata.namespace}/${claimName(template, set, ordinal)}`)
    if (!claim || claim.metadata.deletionTimestamp) continue
    const before = claim.metadata.ownerReferences ?? []
    const wanted: OwnerReference[] = before.filter(({ uid, name, kind }) => uid !== set.metadata.uid && !(kind === 'Pod' && name === podName(set, ordinal)))
    if (whenScaled === 'Delete' && condemned && pod) wanted.push({ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid })
    else if (whenDeleted === 'Delete' && !(whenScaled === 'Delete' && condemned)) {
      const { name, uid } = set.metadata
      wanted.push({ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true, blockOwnerDeletion: true })
    }
    const same = wanted.length === before.length && wanted.every(({ uid }) => before.some((reference) => reference.uid === uid))
    if (!same) await client.update(persistentvolumeclaims, { ...clone(claim), metadata: { ...clone(claim.metadata), ownerReferences: wanted } })
  }
}
