import { pods } from '#api/core/v1/pod'
import { isNotFound } from '#apimachinery/api-error'
import type { Pod } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import { about } from '#client/events'
import type { SchedulerDeps } from './scheduler'

/** Says why a pod waits: an event each time, its PodScheduled condition when that changes. */
export async function reportUnschedulable(pod: Pod, message: string, { client, clock, recorder }: Pick<SchedulerDeps, 'client' | 'clock' | 'recorder'>, reason: 'Unschedulable' | 'SchedulerError' = 'Unschedulable'): Promise<void> {
  recorder.event(about(pods, pod), 'Warning', 'FailedScheduling', message)
  const known = pod.status.conditions?.find((condition) => condition.type === 'PodScheduled')
  if (known?.status === 'False' && known.reason === reason && known.message === message) return
  const lastTransitionTime = known?.status === 'False' ? known.lastTransitionTime : formatTime(clock.now())
  const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime, observedGeneration: pod.metadata.generation }
  const { namespace, name } = pod.metadata
  try {
    await client.patch(pods, { namespace: namespace!, name }, { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' })
  } catch (error) {
    // It was deleted meanwhile (and perhaps made anew: the uid would then conflict).
    if (!isNotFound(error)) throw error
  }
}
