import { isAlreadyExists } from '#apimachinery/api-error'
import { keyOf } from '#apimachinery/object'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { pods } from '#api/core/v1/pod'
import type { PersistentVolumeClaim, Pod } from '#api/core/v1/types'
import { controllerOf } from '#component-helpers/owner-references'
import { isTerminal } from '#component-helpers/pod-status'
import { defineController, on } from '#controller-runtime/controller'

/**
 * Makes the claims of volumes that live as long as their pod: each is the pod's own, and goes with it by garbage collection.
 * A claim of that name that somebody else made is left alone; the pod waits then, and the scheduler says why.
 */
export const ephemeralVolume = defineController({
  name: 'ephemeral-volume-controller',
  component: 'ephemeral_volume',
  watches: [
    on(pods, (pod) => (pod.spec.volumes?.some(({ ephemeral }) => ephemeral) ? [keyOf(pod)] : []), { when: (pod) => pod !== undefined }),
    on(persistentvolumeclaims, ownerOf, { when: (claim) => claim === undefined }),
  ],
  writes: [persistentvolumeclaims],

  async reconcile(key, { cached, client }) {
    const pod = cached(pods).get(key)
    if (!pod || pod.metadata.deletionTimestamp || isTerminal(pod)) return
    const { namespace, name: podName, uid } = pod.metadata
    for (const { name: volume, ephemeral } of pod.spec.volumes ?? []) {
      const template = ephemeral?.volumeClaimTemplate
      const name = `${podName}-${volume}`
      if (!template || cached(persistentvolumeclaims).get(`${namespace}/${name}`)) continue
      const { labels, annotations } = template.metadata ?? {}
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: podName, uid: uid!, controller: true, blockOwnerDeletion: true }]
      try {
        await client.create(persistentvolumeclaims, { metadata: { namespace: namespace!, name, ownerReferences, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }, spec: template.spec })
      } catch (error) {
        // The cache does not show it yet.
        if (!isAlreadyExists(error)) throw error
      }
    }
  },
})

function ownerOf(claim: PersistentVolumeClaim): string[] {
  const owner = controllerOf(claim)
  return owner?.kind === ('Pod' satisfies Pod['kind']) ? [`${claim.metadata.namespace}/${owner.name}`] : []
}
