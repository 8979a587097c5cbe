import type { Input } from '#apimachinery/object'
import type { Affinity, Node, Pod, Toleration } from '#api/core/v1/types'
import type { DaemonSet } from '#api/apps/v1/types'
import { nodeMatchesPod } from '#component-helpers/node-affinity'
import { taintKeys, untoleratedOf } from '#component-helpers/taints'

const exists = (key: string, effect: string): Toleration => ({ key, operator: 'Exists', effect })
/** Daemons stay on nodes that are in trouble: they may be what brings them out of it. */
const own: readonly Toleration[] = [
  exists(taintKeys.notReady, 'NoExecute'), exists(taintKeys.unreachable, 'NoExecute'), exists(taintKeys.diskPressure, 'NoSchedule'),
  exists(taintKeys.memoryPressure, 'NoSchedule'), exists(taintKeys.pidPressure, 'NoSchedule'), exists(taintKeys.unschedulable, 'NoSchedule'),
]
const ownOnHostNetwork: readonly Toleration[] = [...own, exists(taintKeys.networkUnavailable, 'NoSchedule')]

const known = new WeakMap<DaemonSet, readonly Toleration[]>()

/** The template's tolerations with those that all daemons have. Worked out once for each cached DaemonSet. */
export function tolerationsOf(set: DaemonSet): readonly Toleration[] {
  let found = known.get(set)
  if (!found) {
    const { tolerations = [], hostNetwork } = set.spec.template.spec
    const added = (hostNetwork ? ownOnHostNetwork : own).filter((toleration) => !tolerations.some((given) => isSame(given, toleration)))
    known.set(set, (found = [...tolerations, ...added]))
  }
  return found
}

const isSame = (a: Toleration, b: Toleration): boolean =>
  a.key === b.key && a.effect === b.effect && a.operator === b.operator && !a.value && a.tolerationSeconds === undefined

export interface Placement {
  /** A pod is started where there is none. */
  starts: boolean
  /** A pod that is there may stay. */
  stays: boolean
}
export const nowhere: Placement = { starts: false, stays: false }
const always: Placement = { starts: true, stays: true }
const stayOnly: Placement = { starts: false, stays: true }

/** What was decided about a node as it is now, by the UID of the set: every turn asks for all nodes, of which few have changed. */
const decided = new WeakMap<Node, Map<string, { version: number | string; placement: Placement }>>()

/** What a DaemonSet wants of a node. The scheduler would decide the same. Both are cached objects, which do not change. */
export function placementOn(node: Node, set: DaemonSet): Placement {
  const { uid, generation, resourceVersion } = set.metadata
  const version = generation ?? resourceVersion
  let ofNode = decided.get(node)
  if (!ofNode) decided.set(node, (ofNode = new Map()))
  const before = ofNode.get(uid)
  if (before?.version === version) return before.placement
  const placement = decide(node, set)
  ofNode.set(uid, { version, placement })
  return placement
}

function decide(node: Node, set: DaemonSet): Placement {
  const { template } = set.spec
  if (template.spec.nodeName && template.spec.nodeName !== node.metadata.name) return nowhere
  if (!nodeMatchesPod(node, template as unknown as Pod)) return nowhere
  const tolerations = tolerationsOf(set)
  if (!untoleratedOf(node.spec.taints, tolerations, ['NoSchedule', 'NoExecute'])) return always
  return untoleratedOf(node.spec.taints, tolerations, ['NoExecute']) ? nowhere : stayOnly
}

/** An affinity that lets the scheduler choose this node alone; what the pod wants beside (other pods) stays. */
export function pinned(affinity: Affinity | undefined, nodeName: string): Input<Affinity> {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }]
  return { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } }
}

/** The node that a pod is on, or is meant for. */
export function targetNode({ spec: { nodeName, affinity } }: Pod): string | undefined {
  if (nodeName) return nodeName
  for (const { matchFields } of affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [])
    for (const { key, operator, values } of matchFields ?? []) if (key === 'metadata.name' && operator === 'In') return values?.length === 1 ? values[0] : undefined
  return undefined
}
