import { isNotFound } from '#apimachinery/api-error'
import { controllerrevisions } from '#api/apps/v1/controller-revision'
import { statefulsets } from '#api/apps/v1/stateful-set'
import type { ControllerRevision, StatefulSet, StatefulSetStatus } from '#api/apps/v1/types'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { messageOf } from '#base/error-message'
import { claim } from '#controller-runtime/claim'
import { defineController, on, reading, statusOf } from '#controller-runtime/controller'
import type { ReconcileContext } from '#controller-runtime/controller'
import { byOwner, candidatesFor, ownersOf } from '#controller-runtime/owners'
import { selects } from '#controller-runtime/selecting'
import { updateStatus } from '#controller-runtime/update-status'
import { revisionHash } from '#component-helpers/template-hash'
import { isPodAvailable, isPodReady, isTerminal, nextAvailableIn } from '#component-helpers/pod-status'
import { ensureRevision, type RevisionNames, revisionsOf, templateOf, truncateHistory } from '../revision-history'
import { createClaims, keepRetention } from './claims'
import { firstOrdinal, ordinalOf, podFor, podName, revisionLabel } from './identity'

const revisionNames: RevisionNames = { label: 'controller.kubernetes.io/hash', hashOf: (data, _, collisionCount) => revisionHash(data, collisionCount) }

type Context = ReconcileContext<undefined>
interface Turn {
  readonly set: StatefulSet
  /** What pods below the partition, or not yet reached by an update, are of. */
  readonly current: ControllerRevision
  readonly update: ControllerRevision
  readonly context: Context
}

/**
 * Runs pods that keep their names, hosts and claims. Unless told to work in parallel it creates them one after another in
 * order, each when all before it are ready, and takes them away in reverse; updates go in reverse too, one at a time,
 * down to the partition.
 */
export const statefulset = defineController({
  name: 'statefulset-controller',
  watches: [
    on(statefulsets), on(pods, ownersOf(statefulsets, (set, pod) => selects(set.spec.selector, pod.metadata.labels)), byOwner),
    reading(controllerrevisions, byOwner), reading(persistentvolumeclaims),
  ],
  writes: [statusOf(statefulsets), pods, controllerrevisions, persistentvolumeclaims],

  async reconcile(key, context) {
    const { cached, client, clock, expectations } = context
    const set = cached(statefulsets).get(key)
    if (!set) return expectations.forget(key)
    if (!expectations.met(key)) return
    const picks = (pod: Pod): boolean => selects(set.spec.selector, pod.metadata.labels) && ordinalOf(pod, set) !== undefined
    const own = await claim({ ownerResource: statefulsets, owner: set, childResource: pods, picks }, candidatesFor(cached(pods), set), client)
    const revisions = await revisionsOf(statefulsets, set, context)
    const { revision: update, collisionCount } = await ensureRevision(statefulsets, set, revisions, revisionNames, context)
    const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update
    const turn: Turn = { set, current, update, context }

    let failure: unknown
    if (!set.metadata.deletionTimestamp) {
      try {
        await step(turn, own)
      } catch (error) {
        failure = error
      }
    }
    await updateStatus(client, statefulsets, set, statusFor(turn, own, collisionCount, clock.now()))
    if (failure) throw failure
    const inUse = new Set([current.metadata.name, update.metadata.name, ...own.map(({ metadata }) => metadata.labels?.[revisionLabel] ?? '')])
    await truncateHistory(set.spec.revisionHistoryLimit, revisions, ({ metadata }) => inUse.has(metadata.name), context)
    return { requeueAfter: nextAvailableIn(own, set.spec.minReadySeconds ?? 0, clock.now()) }
  },
})

/** What can be done now; returns where the next thing has to wait for something. */
async function step(turn: Turn, own: readonly Pod[]): Promise<void> {
  const { set, update, context } = turn
  const { spec } = set
  const now = context.clock.now()
  const inOrder = spec.podManagementPolicy !== 'Parallel'
  const first = firstOrdinal(set)
  const wanted = new Map<number, Pod | undefined>()
  for (let ordinal = first; ordinal < first + spec.replicas; ordinal++) wanted.set(ordinal, undefined)
  const condemned: Pod[] = []
  for (const pod of own) {
    const ordinal = ordinalOf(pod, set)!
    if (wanted.has(ordinal)) wanted.set(ordinal, pod)
    else condemned.push(pod)
  }
  condemned.sort((a, b) => ordinalOf(b, set)! - ordinalOf(a, set)!)
  for (const pod of condemned) await keepRetention(set, ordinalOf(pod, set)!, pod, true, context)

  const available = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod) && isPodAvailable(pod, spec.minReadySeconds ?? 0, now)
  for (const [ordinal, pod] of wanted) {
    await keepRetention(set, ordinal, pod, false, context)
    if (pod && isTerminal(pod)) {
      if (pod.metadata.deletionTimestamp) {
        if (inOrder) return
        continue
      }
      const [reason, what] = pod.status?.phase === 'Failed' ? ['RecreatingFailedPod', 'failed'] : ['RecreatingTerminatedPod', 'terminated']
      context.tell(statefulsets, set, pod.status?.phase === 'Failed' ? 'Warning' : 'Normal', reason, `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating ${what} Pod ${pod.metadata.name}`)
      await remove(turn, pod)
      if (inOrder) return
      continue
    }
    if (!pod) {
      await create(turn, ordinal)
      if (inOrder) return
      continue
    }
    if (pod.status?.phase === 'Pending') await createClaims(set, ordinal, context)
    // Everything waits for a pod that comes or goes.
    if (inOrder && (pod.metadata.deletionTimestamp || !available(pod))) return
  }

  if (inOrder) {
    const [last] = condemned
    if (last) {
      // A pod that fails holds up those above it, so that somebody can look at it, and not itself.
      const ailing = condemned.findLast((pod) => pod.metadata.deletionTimestamp || !available(pod))
      if (!last.metadata.deletionTimestamp && (available(last) || last === ailing)) await remove(turn, last)
      return
    }
  } else for (const pod of condemned) if (!pod.metadata.deletionTimestamp) await remove(turn, pod)

  if (spec.updateStrategy.type === 'OnDelete') return
  const lowest = first + (spec.updateStrategy.rollingUpdate?.partition ?? 0)
  for (const [ordinal, pod] of [...wanted].reverse()) {
    if (ordinal < lowest || !pod) continue
    if (pod.metadata.labels?.[revisionLabel] !== update.metadata.name && !pod.metadata.deletionTimestamp) {
      await remove(turn, pod)
      return
    }
    if (!available(pod)) return
  }
}

async function create({ set, current, update, context }: Turn, ordinal: number): Promise<void> {
  const { client, cached, expectations, tell } = context
  const name = podName(set, ordinal)
  try {
    await createClaims(set, ordinal, context)
    const revision = needsCurrent(set, ordinal) ? current : update
    const template = revision === update ? set.spec.template : templateOf(revision)
    const made = await client.create(pods, podFor(set, template, revision.metadata.name, ordinal))
    expectations.created(`${set.metadata.namespace}/${set.metadata.name}`, cached(pods), made)
    tell(statefulsets, set, 'Normal', 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`)
  } catch (error) {
    tell(statefulsets, set, 'Warning', 'FailedCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`)
    throw error
  }
}

async function remove({ set, context }: Turn, pod: Pod): Promise<void> {
  const { client, cached, expectations, tell } = context
  const { name, uid } = pod.metadata
  try {
    await client.delete(pods, pod.metadata, { preconditions: { uid } })
    expectations.deleted(`${set.metadata.namespace}/${set.metadata.name}`, cached(pods), pod)
    tell(statefulsets, set, 'Normal', 'SuccessfulDelete', `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`)
  } catch (error) {
    if (isNotFound(error)) return
    tell(statefulsets, set, 'Warning', 'FailedDelete', `delete Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`)
    throw error
  }
}

/** Whether a pod that is lost comes back as it was, not yet updated. */
function needsCurrent(set: StatefulSet, ordinal: number): boolean {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type !== 'RollingUpdate') return false
  return ordinal < firstOrdinal(set) + (rollingUpdate ? rollingUpdate.partition : (set.status?.currentReplicas ?? 0))
}

function statusFor({ set, current, update }: Turn, own: readonly Pod[], collisionCount: number | undefined, now: number): StatefulSetStatus {
  const of = (revision: ControllerRevision): number => own.filter((pod) => !pod.metadata.deletionTimestamp && pod.metadata.labels?.[revisionLabel] === revision.metadata.name).length
  const ready = own.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod))
  const availableReplicas = ready.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length
  const updatedReplicas = of(update)
  const { replicas } = set.spec
  // An update has arrived when all pods are of it and serve: then it is what pods are of.
  const arrived = set.spec.updateStrategy.type === 'RollingUpdate' && updatedReplicas === own.length && ready.length === own.length && availableReplicas === own.length && own.length >= replicas
  const settled = arrived ? update : current
  return {
    replicas: own.length, readyReplicas: ready.length || undefined, availableReplicas, currentReplicas: of(settled) || undefined, updatedReplicas: updatedReplicas || undefined,
    currentRevision: settled.metadata.name, updateRevision: update.metadata.name, observedGeneration: set.metadata.generation,
    collisionCount: collisionCount ?? 0, ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
  }
}
