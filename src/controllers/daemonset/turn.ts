import type { DaemonSet } from '#api/apps/v1/types'
import type { Node, Pod } from '#api/core/v1/types'
import { isPodAvailable, isTerminal } from '#component-helpers/pod-status'
import { scaledValue } from '#apimachinery/int-or-string'
import { placementOn, targetNode } from './placement'

export const revisionLabel = 'controller-revision-hash'
export const generationLabel = 'pod-template-generation'
const generationAnnotation = 'deprecated.daemonset.template.generation'

/** One look at a DaemonSet and its pods. */
export interface Turn {
  readonly set: DaemonSet
  readonly pods: readonly Pod[]
  readonly nodes: readonly Node[]
  /** Oldest first on each node, those that the scheduler has put there before those that wait. */
  readonly podsOn: ReadonlyMap<string, readonly Pod[]>
  /** Of the template as it is now. */
  readonly hash: string
  readonly now: number
}

export interface Plan {
  /** Names of nodes. */
  readonly create: string[]
  readonly remove: Pod[]
}

export function takeTurn(set: DaemonSet, pods: readonly Pod[], nodes: readonly Node[], hash: string, now: number): Turn {
  const podsOn = new Map<string, Pod[]>()
  for (const pod of pods) {
    // Only its finalizers hold it.
    if (isTerminal(pod) && pod.metadata.deletionTimestamp) continue
    const node = targetNode(pod)
    if (node === undefined) continue
    const there = podsOn.get(node)
    if (there) there.push(pod)
    else podsOn.set(node, [pod])
  }
  for (const there of podsOn.values()) if (there.length > 1) there.sort(bySeniority)
  return { set, pods, nodes, podsOn, hash, now }
}

function bySeniority(a: Pod, b: Pod): number {
  if (!a.spec.nodeName !== !b.spec.nodeName) return a.spec.nodeName ? -1 : 1
  return Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1)
}

export const templateGeneration = ({ metadata }: DaemonSet): string | undefined => {
  const text = metadata.annotations?.[generationAnnotation]
  return text !== undefined && /^-?\d+$/.test(text) ? String(Number(text)) : undefined
}

/** Whether a pod is of the present template. */
export function isUpdated({ metadata: { labels } }: Pod, { set, hash }: Pick<Turn, 'set' | 'hash'>): boolean {
  const generation = templateGeneration(set)
  return labels?.[revisionLabel] === hash || (generation !== undefined && labels?.[generationLabel] === generation)
}

export const isAvailableIn = (pod: Pod, { set, now }: Turn): boolean => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)

export const allowsSurge = (set: DaemonSet): boolean => maxSurge(set, 1) > 0

export function maxSurge({ spec: { updateStrategy } }: DaemonSet, wanted: number): number {
  return updateStrategy.type === 'RollingUpdate' ? scaledValue(updateStrategy.rollingUpdate?.maxSurge ?? 0, wanted, 'up') : 0
}

/** How many nodes may be without a pod at a time. Where neither that nor a surge is allowed, 1, or nothing would move. */
export function maxUnavailable(set: DaemonSet, wanted: number): number {
  const { updateStrategy } = set.spec
  const allowed = updateStrategy.type === 'RollingUpdate' ? scaledValue(updateStrategy.rollingUpdate?.maxUnavailable ?? 0, wanted, 'up') : 0
  return allowed === 0 && wanted > 0 && maxSurge(set, wanted) === 0 ? 1 : allowed
}

export const wantedNodes = ({ set, nodes }: Turn): Node[] => nodes.filter((node) => placementOn(node, set).starts)
