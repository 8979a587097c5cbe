import type { Deployment, ReplicaSet } from '#api/apps/v1/types'
import { allSets, annotations, byAge, isRolling, maxSurge, scaleSet, wanted, wantsPods } from './rollout'
import type { Rollout } from './rollout'

/** Whether the Deployment's size was changed since its sets were last given theirs. */
export function isResized(rollout: Rollout): boolean {
  return allSets(rollout).some((set) => {
    const before = readNumber(set, annotations.desiredReplicas)
    return wantsPods(set) && before !== undefined && before !== rollout.deployment.spec.replicas
  })
}

/**
 * Follows the Deployment's size without rolling out anything: the one set that has pods, or the latest, gets the size; a
 * rollout that has arrived drops its old sets; in the middle of one, all sets grow or shrink in proportion, so that a bad
 * new version does not get more than its share.
 */
export async function scaleInProportion(rollout: Rollout): Promise<void> {
  const { deployment, newSet, oldSets } = rollout
  const active = allSets(rollout).filter(wantsPods)
  if (active.length <= 1) {
    const only = active[0] ?? newSet ?? oldSets.toSorted(byAge).at(-1)
    if (only && only.spec.replicas !== deployment.spec.replicas) await scaleSet(rollout, only, deployment.spec.replicas)
    return
  }
  if (newSet && hasArrived(deployment, newSet)) {
    for (const old of oldSets.filter(wantsPods)) await scaleSet(rollout, old, 0)
    return
  }
  if (!isRolling(deployment)) return

  const { replicas } = deployment.spec
  const toAdd = (replicas > 0 ? replicas + maxSurge(deployment) : 0) - wanted(active)
  // The largest first; of equals the newest when growing, the oldest when shrinking.
  const sorted = active.toSorted((a, b) => b.spec.replicas - a.spec.replicas || (toAdd > 0 ? byAge(b, a) : byAge(a, b)))
  let added = 0
  const sizes = sorted.map((set) => {
    const share = toAdd === 0 || toAdd === added ? 0 : shareOf(set, deployment)
    const step = toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added)
    added += toAdd === 0 ? 0 : step
    return set.spec.replicas + (toAdd === 0 ? 0 : step)
  })
  // What rounding left over is the largest's.
  if (toAdd !== 0) sizes[0] = Math.max(0, sizes[0]! + toAdd - added)
  for (const [i, set] of sorted.entries()) await scaleSet(rollout, set, sizes[i]!)
}

/** The new set alone serves what is asked for. */
function hasArrived({ spec }: Deployment, set: ReplicaSet): boolean {
  return set.spec.replicas === spec.replicas && readNumber(set, annotations.desiredReplicas) === spec.replicas && (set.status.availableReplicas ?? 0) === spec.replicas
}

/** By how much a set changes when the whole goes from the size that its annotation remembers to the present one. */
function shareOf(set: ReplicaSet, deployment: Deployment): number {
  const { replicas } = deployment.spec
  if (replicas === 0) return -set.spec.replicas
  const before = readNumber(set, annotations.maxReplicas) || (deployment.status.replicas ?? 0)
  if (before === 0) return 0
  return Math.round((set.spec.replicas * (replicas + maxSurge(deployment))) / before) - set.spec.replicas
}

function readNumber({ metadata }: ReplicaSet, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
