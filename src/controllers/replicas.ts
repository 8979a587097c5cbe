import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import { pods } from '#api/core/v1/pod'
import type { Pod, PodTemplateSpec } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import { messageOf } from '#base/error-message'
import { claim } from '#controller-runtime/claim'
import { findCondition, withWorkloadCondition, withoutCondition } from '#component-helpers/conditions'
import type { AnyCondition } from '#component-helpers/conditions'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import type { Controller, ReconcileContext } from '#controller-runtime/controller'
import { controllerOf, isControlledBy } from '#component-helpers/owner-references'
import { byOwner, candidatesFor, ownersOf } from '#controller-runtime/owners'
import { slowStart } from '#controller-runtime/slow-start'
import { updateStatus } from '#controller-runtime/update-status'
import { inDeletionOrder } from '#component-helpers/pod-deletion-order'
import { podControlOf } from './pods/pod-control'
import { isActive, isPodAvailable, isPodReady, isTerminating, nextAvailableIn } from '#component-helpers/pod-status'

/** What ReplicaSets and ReplicationControllers have in common: a number, a template, and a status that counts. */
export interface Replicated extends KubeObject {
  spec: { replicas: number; minReadySeconds?: number; template?: PodTemplateSpec }
  status: ReplicatedStatus
}
export interface ReplicatedStatus {
  replicas: number
  fullyLabeledReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  terminatingReplicas?: number
  observedGeneration?: number
  conditions?: AnyCondition[]
}

export interface ReplicasOptions<T> {
  name: string
  serviceAccount?: string
  resource: Resource<T & KubeObject>
  picks(owner: T, pod: Pod): boolean
  /** Whether the status tells how many pods are on their way out. */
  countsTerminating: boolean
}

/** No more at once: the next turn does the rest. */
const burst = 500

/**
 * Keeps as many pods as an owner asks for. Creates in slow-start batches (1, 2, 4, ...) so that a quota or a webhook that
 * refuses the first pod is not asked a thousand times; deletes the pods that are cheapest to lose first. Does neither
 * while the cache does not show yet what was done before (expectations).
 */
export function keepReplicas<T extends Replicated>({ name, serviceAccount, resource, picks, countsTerminating }: ReplicasOptions<T>): Controller {
  return defineController({
    name, serviceAccount,
    watches: [on(resource), on(pods, ownersOf(resource, picks), byOwner)],
    writes: [pods, statusOf(resource)],

    async reconcile(key, context) {
      const { cached, client, clock, expectations } = context
      const owner = cached(resource).get(key)
      if (!owner) return expectations.forget(key)

      const settled = expectations.met(key)
      const candidates = candidatesFor(cached(pods), owner)
      const how = { ownerResource: resource, owner, childResource: pods, picks: (pod: Pod) => picks(owner, pod) }
      const active = await claim(how, candidates.filter(isActive), client)
      const failure = settled && !owner.metadata.deletionTimestamp ? await scale(owner, active, context) : undefined

      const terminating = countsTerminating ? candidates.filter((pod) => isTerminating(pod) && isControlledBy(pod, owner) && picks(owner, pod)).length : undefined
      await updateStatus(client, resource, owner, statusFor(owner, active, terminating, failure?.error, clock.now()))
      if (failure) throw failure.error
      const { minReadySeconds = 0 } = owner.spec
      return minReadySeconds > 0 ? { requeueAfter: nextAvailableIn(active, minReadySeconds, clock.now()) } : undefined
    },
  })

  async function scale(owner: T, active: readonly Pod[], context: ReconcileContext<undefined>): Promise<{ error: unknown } | undefined> {
    const control = podControlOf(resource, owner, context)
    const missing = owner.spec.replicas - active.length
    if (missing > 0) {
      const { error } = await slowStart(Math.min(missing, burst), async () => void (await control.create(owner.spec.template!)))
      return error === undefined ? undefined : { error }
    }
    if (missing === 0) return undefined
    const victims = inDeletionOrder(active, context.clock.now(), crowding(owner, context)).slice(0, Math.min(-missing, burst))
    const results = await Promise.allSettled(victims.map((pod) => control.delete(pod)))
    const failed = results.find((result) => result.status === 'rejected')
    return failed ? { error: failed.reason as unknown } : undefined
  }

  /** How many pods of the same family (a Deployment's ReplicaSets) share a node: during a rollout those are losable. */
  function crowding(owner: T, { cached }: ReconcileContext<undefined>): (pod: Pod) => number {
    const parent = controllerOf(owner)?.uid
    const family = parent ? cached(resource).list(owner.metadata.namespace).filter((other) => controllerOf(other)?.uid === parent) : [owner]
    const onNode = new Map<string, number>()
    for (const member of family)
      for (const pod of cached(pods).by('owner', member.metadata.uid))
        if (isActive(pod) && pod.spec.nodeName) onNode.set(pod.spec.nodeName, (onNode.get(pod.spec.nodeName) ?? 0) + 1)
    return (pod) => onNode.get(pod.spec.nodeName ?? '') ?? 0
  }
}

function statusFor({ metadata, spec, status }: Replicated, active: readonly Pod[], terminating: number | undefined, error: unknown, now: number): ReplicatedStatus {
  const wanted = Object.entries(spec.template?.metadata?.labels ?? {})
  let labelled = 0
  let ready = 0
  let available = 0
  for (const pod of active) {
    if (wanted.every(([key, value]) => pod.metadata.labels?.[key] === value)) labelled++
    if (!isPodReady(pod)) continue
    ready++
    if (isPodAvailable(pod, spec.minReadySeconds ?? 0, now)) available++
  }
  let conditions = status.conditions
  const failed = findCondition(conditions, 'ReplicaFailure')
  if (error && !failed) {
    const reason = active.length < spec.replicas ? 'FailedCreate' : 'FailedDelete'
    const message = messageOf(error)
    conditions = withWorkloadCondition(conditions, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: formatTime(now), reason, message })
  } else if (!error && failed) conditions = withoutCondition(conditions, 'ReplicaFailure')

  return {
    replicas: active.length, fullyLabeledReplicas: labelled || undefined, readyReplicas: ready || undefined, availableReplicas: available || undefined,
    terminatingReplicas: terminating, observedGeneration: metadata.generation, conditions: conditions?.length ? conditions : undefined,
  }
}
