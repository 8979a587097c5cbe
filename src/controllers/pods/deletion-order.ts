import type { Pod } from '#api/core/v1/types'
import { isReady, readyCondition } from './pod-state'

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'

/**
 * The `count` pods that are cheapest to lose, of those that are active: not yet on a node, not yet running, not ready, low
 * deletion cost, many siblings on its node, ready only lately (times are compared by magnitude, so that it does not always
 * hit the newest), often restarted, young.
 *
 * @param crowd how many active pods of the same owner's family share the pod's node
 */
export function cheapestToLose(pods: readonly Pod[], count: number, crowd: (pod: Pod) => number, now: number): readonly Pod[] {
  if (count >= pods.length) return pods
  const facts = pods.map((pod) => ({
    pod, assigned: !!pod.spec.nodeName, phase: phases[pod.status?.phase ?? 'Pending'] ?? 0, ready: isReady(pod),
    cost: costOf(pod), crowd: crowd(pod), readySince: timeOf(readyCondition(pod)?.lastTransitionTime), restarts: restartsOf(pod),
    created: timeOf(pod.metadata.creationTimestamp),
  }))
  facts.sort((a, b) => {
    if (a.assigned !== b.assigned) return a.assigned ? 1 : -1
    if (a.phase !== b.phase) return a.phase - b.phase
    if (a.ready !== b.ready) return a.ready ? 1 : -1
    if (a.cost !== b.cost) return a.cost - b.cost
    if (a.crowd !== b.crowd) return b.crowd - a.crowd
    if (a.ready && b.ready && a.readySince !== b.readySince) return younger(a.readySince, b.readySince, now) || (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1)
    if (a.restarts.regular !== b.restarts.regular) return b.restarts.regular - a.restarts.regular
    if (a.restarts.sidecar !== b.restarts.sidecar) return b.restarts.sidecar - a.restarts.sidecar
    if (a.created !== b.created) return younger(a.created, b.created, now) || (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1)
    return 0
  })
  return facts.slice(0, count).map(({ pod }) => pod)
}

const timeOf = (text: string | undefined): number => (text ? Date.parse(text) : 0)

/** Below 0 where `a` is younger by a magnitude, 0 where both are about as old. A time that is not known counts as youngest. */
function younger(a: number, b: number, now: number): number {
  if (a === 0 || b === 0) return a === 0 ? -1 : 1
  const magnitude = (time: number): number => (now > time ? Math.floor(Math.log2((now - time) * 1e6)) : -1)
  return magnitude(a) - magnitude(b)
}

function costOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCost]
  return text !== undefined && /^(0|[1-9]\d*|-[1-9]\d*)$/.test(text) ? Number(text) : 0
}

function restartsOf({ spec, status }: Pod): { regular: number; sidecar: number } {
  let regular = 0
  let sidecar = 0
  for (const container of status?.containerStatuses ?? []) regular = Math.max(regular, container.restartCount)
  const sidecars = new Set(spec.initContainers?.filter((c) => c.restartPolicy === 'Always').map((c) => c.name))
  for (const container of status?.initContainerStatuses ?? []) if (sidecars.has(container.name)) sidecar = Math.max(sidecar, container.restartCount)
  return { regular, sidecar }
}
