import { nodes } from '#api/core/v1/node'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { claimsOfPod } from '#component-helpers/volumes'
import { definePlugin, on, reject, skip } from '../framework/plugin'
import type { VolumeCaches } from '../volumes/volume-caches'

const plugin = 'VolumeZone'
const elsewhere = reject(plugin, 'node(s) had no available volume zone', { resolvable: false })
/** The newer label, and the one that it replaced, which volumes of old clusters still have. */
const labels = [
  ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'],
] as const

/** Where volumes are, by label: any of the values that a volume's label lists. */
type Zones = readonly { names: readonly [string, string]; values: ReadonlySet<string> }[]

/** Keeps pods in the zones of their volumes, where these say so by labels and not by node affinity. */
export function volumeZone({ claims, volumes }: VolumeCaches) {
  return definePlugin<Zones>({
    name: plugin,
    hints: [
      on(nodes, ({ object, old }) => (object && (!old || JSON.stringify(object.metadata.labels) !== JSON.stringify(old.metadata.labels)) ? 'queue' : 'skip')),
      on(persistentvolumeclaims, ({ object }, { pod }) => (object && object.metadata.namespace === pod.metadata.namespace && claimsOfPod(pod).some(({ name }) => name === object.metadata.name) ? 'queue' : 'skip')),
      on(persistentvolumes, ({ object }) => (object ? 'queue' : 'skip')),
    ],
    preFilter({ pod }) {
      const zones = claimsOfPod(pod).flatMap(({ name }) => {
        const volume = volumes.get(claims.get(`${pod.metadata.namespace}/${name}`)?.spec.volumeName ?? '')
        return labels.flatMap((names) => {
          const text = volume?.metadata.labels?.[names[0]] ?? volume?.metadata.labels?.[names[1]]
          return text ? [{ names, values: new Set(text.split('__')) }] : []
        })
      })
      return zones.length > 0 ? zones : skip
    },
    filter(zones, node) {
      // A node without any of the labels is in a cluster without zones.
      if (!labels.some(([now, before]) => node.labels[now] !== undefined || node.labels[before] !== undefined)) return undefined
      for (const { names, values } of zones) {
        const zone = node.labels[names[0]] ?? node.labels[names[1]]
        if (zone === undefined || !values.has(zone)) return elsewhere
      }
      return undefined
    },
  })
}
