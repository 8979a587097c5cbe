import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { isConflict, isNotFound } from '#apimachinery/api-error'
import { formatTime } from '#apimachinery/time'
import { about } from '#client/events'
import type { PodInfo } from './framework/pod-info'
import type { ProfileContext } from './scheduler'

export interface Preemption {
  preemptor: PodInfo
  victims: readonly PodInfo[]
  node: string
  /** Pods of lower priority that wait for the same node: they look for another. */
  displaced: readonly PodInfo[]
  schedulerName: string
}

/** Tells pods to leave for another one: says so in their status, then deletes them, each with its own grace. Throws the first failure. */
export async function preempt({ preemptor, victims, node, displaced, schedulerName }: Preemption, deps: ProfileContext): Promise<void> {
  const { client } = deps
  const leaving = victims.filter(({ pod }) => pod.metadata.deletionTimestamp === undefined)
  const results = await Promise.allSettled([
    ...leaving.map(({ pod }) => evict(pod, preemptor.pod, node, schedulerName, deps)),
    ...displaced.filter(({ pod }) => pod.status.nominatedNodeName).map(({ pod }) => patchStatus(client, pod, { nominatedNodeName: null })),
  ])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function evict(victim: Pod, preemptor: Pod, node: string, schedulerName: string, { client, clock, recorder }: ProfileContext): Promise<void> {
  const { namespace, name, uid, generation } = victim.metadata
  const condition = {
    type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: `${schedulerName}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: formatTime(clock.now()), observedGeneration: generation,
  }
  try {
    await patchStatus(client, victim, { conditions: [condition] })
    await client.delete(pods, { namespace: namespace!, name }, { preconditions: { uid: uid! } })
  } catch (error) {
    // It went by itself; a conflict: another one has its name now.
    if (isNotFound(error) || isConflict(error)) return
    throw error
  }
  recorder.event({ regarding: about(pods, victim), related: about(pods, preemptor), type: 'Normal', reason: 'Preempted', action: 'Preempting', note: `Preempted by pod ${preemptor.metadata.uid} on node ${node}` })
}

const patchStatus = (client: ProfileContext['client'], { metadata: { namespace, name, uid } }: Pod, status: object): Promise<Pod> =>
  client.patch(pods, { namespace: namespace!, name }, { metadata: { uid }, status }, { type: 'strategic', subresource: 'status' })
