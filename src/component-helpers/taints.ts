import type { Taint, Toleration } from '#api/core/v1/types'
import { tolerates } from './tolerations'

export const taintKeys = {
  notReady: 'node.kubernetes.io/not-ready',
  unreachable: 'node.kubernetes.io/unreachable',
  unschedulable: 'node.kubernetes.io/unschedulable',
  memoryPressure: 'node.kubernetes.io/memory-pressure',
  diskPressure: 'node.kubernetes.io/disk-pressure',
  pidPressure: 'node.kubernetes.io/pid-pressure',
  networkUnavailable: 'node.kubernetes.io/network-unavailable',
  outOfService: 'node.kubernetes.io/out-of-service',
} as const

/** Key and effect tell taints apart; a value is changed in place. */
export const isSameTaint = (a: Pick<Taint, 'key' | 'effect'>, b: Pick<Taint, 'key' | 'effect'>): boolean => a.key === b.key && a.effect === b.effect

export const findTaint = (taints: readonly Taint[] | undefined, taint: Pick<Taint, 'key' | 'effect'>): Taint | undefined =>
  taints?.find((candidate) => isSameTaint(candidate, taint))

/** With a taint in the place of its like, or at the end; the very list when it is there already. */
export function withTaint(taints: readonly Taint[] | undefined, taint: Taint): readonly Taint[] {
  const list = taints ?? []
  const before = findTaint(list, taint)
  if (!before) return [...list, taint]
  return (before.value ?? '') === (taint.value ?? '') ? list : list.map((candidate) => (candidate === before ? taint : candidate))
}

export function withoutTaint(taints: readonly Taint[] | undefined, taint: Pick<Taint, 'key' | 'effect'>): readonly Taint[] {
  const list = taints ?? []
  return findTaint(list, taint) ? list.filter((candidate) => !isSameTaint(candidate, taint)) : list
}

/** The first taint of these effects that no toleration takes away: NoSchedule and NoExecute keep pods off a node. */
export function untoleratedOf(taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined, effects: readonly string[]): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)))
}

/**
 * How long a pod may stay under these NoExecute taints, in seconds: `Infinity` when all are tolerated without an end, 0 or
 * less for at once, and `undefined` when one is not tolerated at all.
 */
export function toleratedSeconds(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): number | undefined {
  let shortest = Infinity
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue
    const fitting = (tolerations ?? []).filter((toleration) => tolerates(toleration, taint))
    if (fitting.length === 0) return undefined
    for (const { tolerationSeconds } of fitting) if (tolerationSeconds !== undefined) shortest = Math.min(shortest, tolerationSeconds)
  }
  return shortest
}
