import type { PodDisruptionBudget } from '#api/policy/v1/types'
import { timeToMilliseconds } from '#apimachinery/time'
import { matchesLabels, selectorOfObject } from '#apimachinery/selectors/label-selector'
import type { NodeInfo } from './node-info'
import { isRejection, reject, type Rejection } from './plugin'
import type { PodInfo } from './pod-info'
import type { Snapshot } from './snapshot'

/** Pods that would have to leave a node, the most important first, and how many of them a disruption budget protects. */
export interface Victims {
  readonly node: NodeInfo
  readonly pods: readonly PodInfo[]
  readonly violations: number
}

const nobody = reject('DefaultPreemption', 'No preemption victims found for incoming pod', { resolvable: false })

/** Whether the pod fits a node as the snapshot is now. */
export type Fits = (node: NodeInfo) => Rejection | undefined

/**
 * The fewest pods of lower priority that must leave a node so that a pod fits: all are taken off, then as many as fit beside
 * it are let back, protected ones first and the most important before others. The snapshot is as before afterwards.
 */
export function victimsOn(node: NodeInfo, { priority }: PodInfo, snapshot: Snapshot, fits: Fits, budgets: readonly PodDisruptionBudget[]): Victims | Rejection {
  const lower = [...node.pods.values()].filter((pod) => pod.priority < priority)
  if (lower.length === 0) return nobody
  const leaving: PodInfo[] = []
  for (const { key } of lower) snapshot.unplace(key)
  try {
    const still = fits(node)
    if (still) return still
    lower.sort(byImportance)
    const stays = (pod: PodInfo): boolean => {
      snapshot.place(pod, node.name)
      if (!fits(node)) return true
      snapshot.unplace(pod.key)
      leaving.push(pod)
      return false
    }
    const { violating, others } = dividedBy(budgets, lower)
    const violations = violating.filter((pod) => !stays(pod)).length
    for (const pod of others) stays(pod)
    return { node, pods: leaving.sort(byImportance), violations }
  } finally {
    for (const pod of lower) snapshot.place(pod, node.name)
  }
}

/** The node where leaving hurts least: by budgets, by the highest priority, by their sum, by number, then where the important ones began last. */
export function leastPainful(candidates: readonly Victims[]): Victims | undefined {
  let left = candidates
  for (const pain of pains) {
    const least = Math.min(...left.map(pain))
    left = left.filter((candidate) => pain(candidate) === least)
    if (left.length === 1) break
  }
  return left[0]
}

const pains: readonly ((candidate: Victims) => number)[] = [
  ({ violations }) => violations,
  ({ pods }) => pods[0]!.priority,
  // Moved to be positive: few pods of a negative priority are better than many.
  ({ pods }) => pods.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
  ({ pods }) => pods.length,
  ({ pods }) => -Math.min(...pods.filter(({ priority }) => priority === pods[0]!.priority).map(startedAt)),
]

/** Of equal priority, who has run longer is more important. */
const byImportance = (a: PodInfo, b: PodInfo): number => b.priority - a.priority || compare(startedAt(a), startedAt(b))
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)
/** A pod that has not begun began last. */
const startedAt = ({ pod }: PodInfo): number => (pod.status.startTime ? timeToMilliseconds(pod.status.startTime) : Infinity)

/** Those whose eviction a budget does not allow any more, once those before them are gone. */
function dividedBy(budgets: readonly PodDisruptionBudget[], pods: readonly PodInfo[]): { violating: PodInfo[]; others: PodInfo[] } {
  const parts = { violating: [] as PodInfo[], others: [] as PodInfo[] }
  const compiled = budgets.flatMap(({ metadata: { namespace }, spec: { selector }, status }) => {
    // A budget without a selector, or with an empty one, protects nothing here.
    const asks = selector && (Object.keys(selector.matchLabels ?? {}).length > 0 || (selector.matchExpressions ?? []).length > 0)
    return asks ? [{ namespace, selector: selectorOfObject(selector), disrupted: status.disruptedPods ?? {}, allowed: status.disruptionsAllowed ?? 0 }] : []
  })
  for (const info of pods) {
    const { namespace, name, labels } = info.pod.metadata
    let violates = false
    if (labels)
      for (const budget of compiled) {
        if (budget.namespace !== namespace || !matchesLabels(budget.selector, labels) || name in budget.disrupted) continue
        if (--budget.allowed < 0) violates = true
      }
    parts[violates ? 'violating' : 'others'].push(info)
  }
  return parts
}

export const hasVictims = (answer: Victims | Rejection): answer is Victims => !isRejection(answer)
