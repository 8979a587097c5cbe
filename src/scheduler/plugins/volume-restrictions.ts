import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { claimsOfPod } from '#component-helpers/volumes'
import { definePlugin, on, reject, skip } from '../framework/plugin'
import type { VolumeCaches } from '../volumes/volume-caches'

const plugin = 'VolumeRestrictions'
const inUse = reject(plugin, 'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod')

/** A claim with ReadWriteOncePod belongs to one pod of the whole cluster. */
export function volumeRestrictions({ claims }: VolumeCaches) {
  return definePlugin<true>({
    name: plugin,
    hints: [
      on(pods, ({ object, old }, { pod }) => (!object && old?.spec.nodeName && shares(old, pod) ? 'queue' : 'skip')),
      on(persistentvolumeclaims, ({ object, old }, { pod }) => (object && !old && claimKeys(pod).includes(`${object.metadata.namespace}/${object.metadata.name}`) ? 'queue' : 'skip')),
    ],
    preFilter(info, snapshot) {
      if (info.claims.length === 0) return skip
      for (const key of info.claims) if (claims.get(key)?.spec.accessModes?.includes('ReadWriteOncePod') && snapshot.claims.has(key)) return true
      return skip
    },
    // Somebody has it, wherever that is: if it is on this node, it may be told to leave.
    filter: () => inUse,
  })
}

const claimKeys = (pod: Pod): string[] => claimsOfPod(pod).map(({ name }) => `${pod.metadata.namespace}/${name}`)
const shares = (a: Pod, b: Pod): boolean => {
  const keys = claimKeys(b)
  return claimKeys(a).some((key) => keys.includes(key))
}
