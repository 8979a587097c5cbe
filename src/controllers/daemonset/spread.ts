import { daemonsets } from '#api/apps/v1/daemon-set'
import type { Node, Pod } from '#api/core/v1/types'
import type { Tell } from '#controller-runtime/controller'
import { isPodReady } from '#component-helpers/pod-status'
import type { FailedPods } from './failed-pods'
import { placementOn } from './placement'
import { allowsSurge, isAvailableIn, revisionLabel } from './turn'
import type { Plan, Turn } from './turn'

/** What makes every node have the pods it should: one, or while a surge goes on an old one and a new one. */
export function spread(turn: Turn, failed: FailedPods, tell: Tell): Plan {
  const plan: Plan = { create: [], remove: [] }
  const there = new Set<string>()
  for (const node of turn.nodes) {
    there.add(node.metadata.name)
    spreadOn(node, turn, plan, failed, tell)
  }
  // Nobody else deletes a pod that waits for a node that is gone.
  for (const [name, pods] of turn.podsOn) if (!there.has(name)) plan.remove.push(...pods.filter((pod) => !pod.spec.nodeName))
  return plan
}

function spreadOn(node: Node, turn: Turn, plan: Plan, failed: FailedPods, tell: Tell): void {
  const { set } = turn
  const { name } = node.metadata
  const { starts, stays } = placementOn(node, set)
  const pods = turn.podsOn.get(name)
  if (!pods) {
    if (starts) plan.create.push(name)
    return
  }
  if (!stays) return void plan.remove.push(...pods.filter((pod) => !pod.metadata.deletionTimestamp))

  const running: Pod[] = []
  let isWaiting = false
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp) continue
    const called = `${pod.metadata.namespace}/${pod.metadata.name} on node ${name}`
    if (pod.status?.phase === 'Failed') {
      // A kubelet that refuses the pod would refuse the next one as well.
      if (failed.mustWait(set, name)) {
        isWaiting = true
        continue
      }
      tell(daemonsets, set, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${called}, will try to kill it`)
      plan.remove.push(pod)
    } else if (pod.status?.phase === 'Succeeded') {
      tell(daemonsets, set, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${called}, will try to delete it`)
      plan.remove.push(pod)
    } else running.push(pod)
  }

  if (!allowsSurge(set)) return void plan.remove.push(...running.slice(1))
  // The original starts another one beside a failed pod that waits, and again at each turn.
  if (running.length === 0 && starts && !isWaiting) plan.create.push(name)
  if (running.length > 1) plan.remove.push(...excessOf(running, turn))
}

/** During a surge a node keeps the oldest old pod and the oldest new one, until the new one has taken over. */
function excessOf(running: readonly Pod[], turn: Turn): Pod[] {
  const isNew = (pod: Pod): boolean => pod.metadata.labels?.[revisionLabel] === turn.hash
  const newPod = running.find(isNew)
  const oldPod = running.find((pod) => !isNew(pod))
  const excess = running.filter((pod) => pod !== newPod && pod !== oldPod)
  if (newPod && oldPod && (!isPodReady(oldPod) || isAvailableIn(newPod, turn))) excess.push(oldPod)
  return excess
}
