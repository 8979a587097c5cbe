import type { Pod } from '#api/core/v1/types'
import { isMirrorPod, isStaticPod } from './static-pods'

/** From here upwards only the system's own classes reach. */
export const systemCriticalPriority = 2_000_000_000
export const highestUserPriority = 1_000_000_000
export const systemNodeCritical = 'system-node-critical'
export const systemClusterCritical = 'system-cluster-critical'

export const podPriority = ({ spec }: Pick<Pod, 'spec'>): number => spec.priority ?? 0

/** Must run: a node makes room for it and evicts it last. */
export const isCriticalPod = (pod: Pick<Pod, 'metadata' | 'spec'>): boolean => isStaticPod(pod) || isMirrorPod(pod) || podPriority(pod) >= systemCriticalPriority
