import { keyOf } from '#apimachinery/object'
import { controllerrevisions } from '#api/apps/v1/controller-revision'
import { daemonsets } from '#api/apps/v1/daemon-set'
import type { DaemonSet, DaemonSetStatus } from '#api/apps/v1/types'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { sameData } from '#base/clone'
import { claim } from '#controller-runtime/claim'
import { defineController, on, reading, statusOf } from '#controller-runtime/controller'
import type { ReconcileContext } from '#controller-runtime/controller'
import { byOwner, candidatesFor, ownersOf } from '#controller-runtime/owners'
import { isEmptySelector, selects } from '#controller-runtime/selecting'
import { slowStart } from '#controller-runtime/slow-start'
import { updateStatus } from '#controller-runtime/update-status'
import { podControlOf } from '../pods/pod-control'
import { isPodReady, nextAvailableIn } from '#component-helpers/pod-status'
import { createFailedPods } from './failed-pods'
import type { FailedPods } from './failed-pods'
import { cleanUpHistory, syncHistory } from './history'
import { nowhere, pinned, placementOn, tolerationsOf } from './placement'
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
export const daemonset = defineController<FailedPods & Disposable>({
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',
  watches: [
    on(daemonsets),
    on(pods, ownersOf(daemonsets, picks), byOwner),
    on(controllerrevisions, ownersOf(daemonsets, picks), byOwner),
    // Nodes change all the time, and mostly nothing that counts here: `setUp` looks at what does.
    reading(nodes),
  ],
  writes: [pods, controllerrevisions, statusOf(daemonsets)],

  setUp({ cached, clock, enqueue }) {
    const watching = cached(nodes).on((node, old) => {
      if (node && old && sameData(node.metadata.labels, old.metadata.labels) && sameData(node.spec.taints, old.spec.taints)) return
      for (const set of cached(daemonsets).list()) {
        const [before, after] = [old ? placementOn(old, set) : nowhere, node ? placementOn(node, set) : nowhere]
        if (before.starts !== after.starts || before.stays !== after.stays) enqueue(keyOf(set))
      }
    })
    return { ...createFailedPods(clock), [Symbol.dispose]: () => watching[Symbol.dispose]() }
  },

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
    const ownPods = await claim({ ownerResource: daemonsets, owner: set, childResource: pods, picks: (pod) => picks(set, pod) }, candidatesFor(cached(pods), set), client)
    const { hash, old, collisionCount } = await syncHistory(set, ownPods, context)
    const look = (present: readonly Pod[]): Turn => takeTurn(set, present, cached(nodes).list(), hash, clock.now())
    const lookAgain = (): Turn => look(cached(pods).by('owner', set.metadata.uid).filter((pod) => picks(set, pod)))

    let turn = look(ownPods)
    let failure: { error: unknown } | undefined
    if (settled) {
      try {
        if (await carryOut(spread(turn, failed, tell), set, hash, context)) turn = lookAgain()
        if (set.spec.updateStrategy.type === 'RollingUpdate' && expectations.met(key) && (await carryOut(rollingUpdate(turn), set, hash, context))) turn = lookAgain()
        await cleanUpHistory(set, old, turn.pods, context)
      } catch (error) {
        failure = { error }
        turn = lookAgain()
      }
    }
    await updateStatus(client, daemonsets, set, { ...statusFor(turn, settled), collisionCount })
    if (failure) throw failure.error
    const { minReadySeconds = 0 } = set.spec
    return { requeueAfter: soonest(failed.nextIn(set), minReadySeconds > 0 ? nextAvailableIn(turn.pods, minReadySeconds, turn.now) : undefined) }
  },
})

/** False: there was nothing to do. */
async function carryOut({ create, remove }: Plan, set: DaemonSet, hash: string, context: ReconcileContext<unknown>): Promise<boolean> {
  if (create.length === 0 && remove.length === 0) return false
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
  return true
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
    if (isPodReady(pod)) {
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
