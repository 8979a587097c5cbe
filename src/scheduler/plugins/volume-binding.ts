import { nodes } from '#api/core/v1/node'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import type { PersistentVolumeClaim, Pod } from '#api/core/v1/types'
import { storageclasses } from '#api/storage/v1/storage-class'
import { keyOf } from '#apimachinery/object'
import type { Clock } from '#base/clock'
import { claimsOfPod } from '#component-helpers/volumes'
import { definePlugin, on, reject, skip } from '../framework/plugin'
import { bindVolumes } from '../volumes/bind-volumes'
import { type Bindings, bindingsOn, type Conflict, podClaims, type PodClaims } from '../volumes/pod-claims'
import type { VolumeCaches } from '../volumes/volume-caches'

const plugin = 'VolumeBinding'
const hopeless = { resolvable: false }
const conflicts: Readonly<Record<Conflict, ReturnType<typeof reject>>> = {
  missing: reject(plugin, 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)', hopeless),
  elsewhere: reject(plugin, "node(s) didn't match PersistentVolume's node affinity", hopeless),
  none: reject(plugin, "node(s) didn't find available persistent volumes to bind", hopeless),
}

/** Takes pods to nodes from which their volumes can be reached, and binds the claims that waited for a pod to be scheduled. */
export function volumeBinding(caches: VolumeCaches, clock: Clock) {
  /** What was decided for pods on their way, by pod. */
  const decided = new Map<string, Bindings>()
  return definePlugin<PodClaims>({
    name: plugin,
    hints: [
      on(persistentvolumeclaims, ({ object }, { pod }) => (object && uses(pod, object) ? 'queue' : 'skip')),
      on(persistentvolumes, ({ object }) => (object ? 'queue' : 'skip')),
      on(storageclasses, ({ object }) => (object ? 'queue' : 'skip')),
      on(nodes, ({ object, old }) => (object && (!old || JSON.stringify(object.metadata.labels) !== JSON.stringify(old.metadata.labels)) ? 'queue' : 'skip')),
    ],
    preFilter({ pod }) {
      if (claimsOfPod(pod).length === 0) return skip
      const claims = podClaims(pod, caches)
      return typeof claims === 'string' ? reject(plugin, claims, hopeless) : claims
    },
    filter(claims, { node }) {
      const bindings = bindingsOn(node, claims, caches)
      return typeof bindings === 'string' ? conflicts[bindings] : undefined
    },
    reserve({ pod, key }, name, snapshot) {
      if (claimsOfPod(pod).length === 0) return undefined
      const node = snapshot.get(name)
      const claims = podClaims(pod, caches)
      if (typeof claims === 'string') return reject(plugin, claims, hopeless)
      const bindings = node ? bindingsOn(node.node, claims, caches) : 'none'
      if (typeof bindings === 'string') return conflicts[bindings]
      for (const { claim, volume } of bindings.statics) caches.promised.set(volume.metadata.name, keyOf(claim))
      decided.set(key, bindings)
      return () => release(bindings, key)
    },
    async preBind({ key }, node, { client, signal }) {
      const bindings = decided.get(key)
      if (bindings) await bindVolumes(bindings, node, { client, claims: caches.claims, clock, signal })
    },
    postBind({ key }) {
      const bindings = decided.get(key)
      if (bindings) release(bindings, key)
    },
  })

  function release({ statics }: Bindings, key: string): void {
    for (const { volume } of statics) caches.promised.delete(volume.metadata.name)
    decided.delete(key)
  }
}

const uses = (pod: Pod, { metadata: { namespace, name } }: PersistentVolumeClaim): boolean => pod.metadata.namespace === namespace && claimsOfPod(pod).some((claim) => claim.name === name)
