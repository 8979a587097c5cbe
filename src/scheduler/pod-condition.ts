import { pods } from '#api/core/v1/pod'
import { isNotFound } from '#apimachinery/api-error'
import type { Pod } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import { about } from '#client/events'
import type { ProfileContext } from './scheduler'

export interface Waiting {
  message: string
  reason?: 'Unschedulable' | 'SchedulerError'
  /** The node that the pod waits for from now on; an empty text: none any more; undefined: as before. */
  nominate?: string | undefined
}

/** Says why a pod waits: an event each time; its PodScheduled condition, and the node it waits for, when they change. */
export async function reportUnschedulable(pod: Pod, { message, reason = 'Unschedulable', nominate }: Waiting, { client, clock, recorder }: ProfileContext): Promise<void> {
  recorder.event({ regarding: about(pods, pod), type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: message })
  const known = pod.status.conditions?.find((condition) => condition.type === 'PodScheduled')
  const nomination = nominate === undefined || nominate === (pod.status.nominatedNodeName ?? '') ? {} : { nominatedNodeName: nominate || null }
  const isKnown = known?.status === 'False' && known.reason === reason && known.message === message
  if (isKnown && !('nominatedNodeName' in nomination)) return
  const lastTransitionTime = known?.status === 'False' ? known.lastTransitionTime : formatTime(clock.now())
  const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime, observedGeneration: pod.metadata.generation }
  const { namespace, name } = pod.metadata
  try {
    const status = { ...nomination, ...(isKnown ? {} : { conditions: [condition] }) }
    await client.patch(pods, { namespace: namespace!, name }, { metadata: { uid: pod.metadata.uid }, status }, { type: 'strategic', subresource: 'status' })
  } catch (error) {
    // It was deleted meanwhile (and perhaps made anew: the uid would then conflict).
    if (!isNotFound(error)) throw error
  }
}
