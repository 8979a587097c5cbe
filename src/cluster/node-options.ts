import { defaultEvictionHard, thresholdsOf } from '#kubelet/eviction/thresholds'
import { messageOf } from '#base/error-message'
import { option, type OptionType, types } from '#component-base/options/option'

/** `memory.available<100Mi,nodefs.available<10%`; in code a record of the same. */
const thresholds: OptionType<Readonly<Record<string, string>>> = {
  name: 'signal<value,...',
  read: (value) => types.map.read(typeof value === 'string' ? value.replaceAll('<', '=') : value),
  show: (value) => Object.entries(value).map(([signal, least]) => `${signal}<${least}`).join(','),
}

/** What only a node on this machine needs to know, by the kubelet's own names. */
export const nodeOptions = {
  podManifestPath: option(types.string, 'pod-manifest-path', '', 'A directory of manifests whose pods this machine runs by itself (static pods).'),
  evictionHard: option(thresholds, 'eviction-hard', defaultEvictionHard, 'What must be left of memory and disk before pods are evicted.', (value) => {
    try {
      thresholdsOf(value)
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }),
}
