import type { Node, Taint } from '#api/core/v1/types'
import { isSameTaint, taintKeys } from '#component-helpers/taints'

/** Which conditions keep pods off a node, and by which taint. */
const ofConditions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: taintKeys.notReady, Unknown: taintKeys.unreachable },
  MemoryPressure: { True: taintKeys.memoryPressure },
  DiskPressure: { True: taintKeys.diskPressure },
  NetworkUnavailable: { True: taintKeys.networkUnavailable },
  PIDPressure: { True: taintKeys.pidPressure },
}
const managed: ReadonlySet<string> = new Set([...Object.values(ofConditions).flatMap((taints) => Object.values(taints)), taintKeys.unschedulable])
const evicting: ReadonlySet<string> = new Set([taintKeys.notReady, taintKeys.unreachable])

/** The taint that drives pods away from a node, undefined while it is ready. */
export function evictingKey({ status }: Node): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return ready && ofConditions['Ready']![ready.status]
}

/** Whether a node has a NoExecute taint of ours already: then one may take the place of the other at once. */
export const isEvicting = ({ spec }: Node): boolean => spec.taints?.some(isEvictingTaint) ?? false
const isEvictingTaint = ({ key, effect }: Taint): boolean => effect === 'NoExecute' && evicting.has(key)

/**
 * The taints that a node should have: NoSchedule as its conditions say, NoExecute with the key `evict`, others as they are.
 * Undefined where it has them.
 */
export function taintsOf(node: Node, evict: string | undefined, timeAdded: string): Taint[] | undefined {
  const wanted: Taint[] = []
  for (const { type, status } of node.status?.conditions ?? []) {
    const key = ofConditions[type]?.[status]
    if (key) wanted.push({ key, effect: 'NoSchedule' })
  }
  if (node.spec.unschedulable) wanted.push({ key: taintKeys.unschedulable, effect: 'NoSchedule' })
  if (evict) wanted.push({ key: evict, effect: 'NoExecute' })

  const before = node.spec.taints ?? []
  const isOurs = (taint: Taint): boolean => (taint.effect === 'NoSchedule' ? managed.has(taint.key) : isEvictingTaint(taint))
  const kept = before.filter((taint) => !isOurs(taint) || wanted.some((other) => isSameTaint(taint, other)))
  const added = wanted.filter((taint) => !before.some((other) => isSameTaint(taint, other)))
  return added.length === 0 && kept.length === before.length ? undefined : [...kept, ...added.map((taint) => ({ ...taint, timeAdded }))]
}
