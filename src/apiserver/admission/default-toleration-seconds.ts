import { pods } from '#api/core/v1/pod'
import type { Pod, Toleration } from '#api/core/v1/types'
import type { AdmissionPlugin } from './plugin'
import { isFor } from './refuse'

/** Pods stay for a while on a node that is not ready or not reached, unless they say for how long themselves. */
export function defaultTolerationSeconds({ notReadySeconds = 300, unreachableSeconds = 300 }: { notReadySeconds?: number; unreachableSeconds?: number } = {}): AdmissionPlugin {
  const wanted = [['node.kubernetes.io/not-ready', notReadySeconds], ['node.kubernetes.io/unreachable', unreachableSeconds]] as const
  return {
    name: 'DefaultTolerationSeconds',
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && isFor(resource, subresource, pods),
    admit({ object }) {
      const { spec } = object as Pod
      const given = spec.tolerations ?? []
      const says = (key: string): boolean => given.some((toleration) => (!toleration.key || toleration.key === key) && (!toleration.effect || toleration.effect === 'NoExecute'))
      if (wanted.every(([key]) => says(key))) return
      const added = wanted.flatMap(([key, tolerationSeconds]): Toleration[] => (says(key) ? [] : [{ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }]))
      spec.tolerations = [...given, ...added]
    },
  }
}
