import { keyOf } from '#apimachinery/object'
import { controllerrevisions } from '#api/apps/v1/controller-revision'
import { daemonsets } from '#api/apps/v1/daemon-set'
import type { DaemonSet, DaemonSetStatus } from '#api/apps/v1/types'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Node, Pod } from '#api/core/v1/types'
import { sameData } from '#base/clone'
import { claim } from '#controller-runtime/claim'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import type { Cached, ReconcileContext } from '#controller-runtime/controller'
import { byOwner, candidatesFor, isControlledBy, ownersOf } from '#controller-runtime/owners'
import { isEmptySelector, selects } from '#controller-runtime/selecting'
import { slowStart } from '#controller-runtime/slow-start'
import { updateStatus } from '#controller-runtime/update-status'
import { podControlOf } from '../pods/pod-control'
import { isReady, nextAvailableIn } from '../pods/pod-state'
import { createFailedPods } from './failed-pods'
import type { FailedPods } from './failed-pods'
import { cleanUpHistory, syncHistory } from './history'
import { pinned, placementOn, tolerationsOf } from './placement'
import { rollingUpdate } from './rolling-update'
import { spread } from './spread'
import { generationLabel, isAvailableIn, isUpdated, revisionLabel, takeTurn, templateGeneration } from './turn'
import type { Plan, Turn } from './turn'

const picks = (set: DaemonSet, { metadata }: { metadata: { labels?: Record<string, string> } }): boolean => selects(set.spec.selector, metadata.labels)
/** No more at once: the next turn does the rest. */
const burst = 250

/**
 * Keeps a pod on every node that fits, pinned to it by its name, and moves those pods from one template to the next:
 * within `maxUnavailable` or `maxSurge`, or only as somebody deletes them (OnDelete).
 */
export const daemonset = defineController<FailedPods>({
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',
  watches: [
    on(daemonsets),
    on(pods, ownersOf(daemonsets, picks), byOwner),
    on(controllerrevisions, ownersOf(daemonsets, picks), byOwner),
    // A node's heartbeats change nothing that counts here.
    on(nodes, concerned, { when: (node, old) => !node || !old || !sameData(node.metadata.labels, old.metadata.labels) || !sameData(node.spec.taints, old.spec.taints) }),
  ],
  writes: [pods, controllerrevisions, statusOf(daemonsets)],

  setUp: ({ clock }) => createFailedPods(clock),

  async reconcile(key, context) {
    const { cached, client, clock, expectations, state: failed, tell } = context
    const set = cached(daemonsets).get(key)
    if (!set) {
      failed.forget(key)
      return expectations.forget(key)
    }
    if (isEmptySelector(set.spec.selector)) return tell(daemonsets, set, 'Warning', 'SelectingAll', 'This daemon set is selecting all pods. A non-empty selector is required.')
    if (set.metadata.deletionTimestamp) return

    const settled = expectations.met(key)
    const how = { ownerResource: daemonsets, owner: set }
    const ownRevisions = await claim({ ...how, childResource: controllerrevisions, picks: (revision) => picks(set, revision) }, candidatesFor(cached(controllerrevisions), set), client)
    const ownPods = await claim({ ...how, childResource: pods, picks: (pod) => picks(set, pod) }, candidatesFor(cached(pods), set), client)
    const { hash, old } = await syncHistory(set, ownRevisions, ownPods, client)
    const look = (present: readonly Pod[]): Turn => takeTurn(set, present, cached(nodes).list(), hash, clock.now())
    const ownNow = (): Pod[] => cached(pods).by('owner', set.metadata.uid).filter((pod) => isControlledBy(pod, set) && picks(set, pod))

    let failure: { error: unknown } | undefined
    if (settled) {
      try {
        await carryOut(spread(look(ownPods), failed, tell), set, hash, context)
        if (expectations.met(key) && set.spec.updateStrategy.type === 'RollingUpdate') await carryOut(rollingUpdate(look(ownNow())), set, hash, context)
        await cleanUpHistory(set, old, ownNow(), client)
      } catch (error) {
        failure = { error }
      }
    }
    const after = look(ownNow())
    await updateStatus(client, daemonsets, set, statusFor(after, settled))
    if (failure) throw failure.error
    return { requeueAfter: soonest(failed.nextIn(set), nextAvailableIn(ownNow(), set.spec.minReadySeconds ?? 0, after.now)) }
  },
})

/** The DaemonSets that have, or want, a pod on a node. */
function* concerned(node: Node, cached: Cached): Iterable<string> {
  for (const set of cached(daemonsets).list()) if (placementOn(node, set).stays) yield keyOf(set)
}

async function carryOut({ create, remove }: Plan, set: DaemonSet, hash: string, context: ReconcileContext<FailedPods>): Promise<void> {
  const control = podControlOf(daemonsets, set, context)
  const generation = templateGeneration(set)
  const { error } = await slowStart(Math.min(create.length, burst), async (index) => {
    await control.create(set.spec.template, (pod) => {
      const labels = pod.metadata['labels'] as Record<string, string>
      labels[revisionLabel] = hash
      if (generation !== undefined) labels[generationLabel] = generation
      pod.spec.tolerations = [...tolerationsOf(set)]
      pod.spec.affinity = pinned(set.spec.template.spec.affinity, create[index]!)
    })
  })
  const results = await Promise.allSettled(remove.slice(0, burst).map((pod) => control.delete(pod)))
  if (error !== undefined) throw error
  const refused = results.find((result) => result.status === 'rejected')
  if (refused) throw refused.reason
}

function statusFor(turn: Turn, settled: boolean): DaemonSetStatus {
  const { set, podsOn } = turn
  let [desired, current, misscheduled, ready, updated, available] = [0, 0, 0, 0, 0, 0]
  for (const node of turn.nodes) {
    const [pod] = podsOn.get(node.metadata.name) ?? []
    if (!placementOn(node, set).starts) {
      if (pod) misscheduled++
      continue
    }
    desired++
    if (!pod) continue
    current++
    if (isReady(pod)) {
      ready++
      if (isAvailableIn(pod, turn)) available++
    }
    if (isUpdated(pod, turn)) updated++
  }
  return {
    ...set.status, currentNumberScheduled: current, numberMisscheduled: misscheduled, desiredNumberScheduled: desired, numberReady: ready,
    updatedNumberScheduled: updated || undefined, numberAvailable: available || undefined, numberUnavailable: desired - available || undefined,
    // What was not acted upon was not observed.
    observedGeneration: settled ? set.metadata.generation : set.status.observedGeneration,
  }
}

const soonest = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined ? b : b === undefined ? a : Math.min(a, b))
