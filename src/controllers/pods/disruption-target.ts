import { isNotFound } from '#apimachinery/api-error'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import type { Client } from '#client/client'

/** Says in a pod's status, before it is deleted, that it is not its own fault; `Failed` where nobody else can say how it ended. */
export interface Disruption { reason?: string; message?: string; phase?: 'Failed' }

/** Writes what is to be said and deletes the pod, with its grace period or at once. A pod that is gone is what was wanted. */
export async function disrupt(client: Client, pod: Pod, { reason, message, phase }: Disruption, now: number, gracePeriodSeconds?: number): Promise<void> {
  const { uid, generation } = pod.metadata
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  const before = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  const said = reason === undefined || (before?.status === 'True' && before.reason === reason && before.message === message)
  const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : formatTime(now)
  const condition = { type: 'DisruptionTarget', ...observed, status: 'True', reason, message, lastTransitionTime }
  try {
    if (!said || phase) {
      const status = { ...(phase ? { phase, ...observed } : {}), ...(said ? {} : { conditions: [condition] }) }
      await client.patch(pods, pod.metadata, { metadata: { uid }, status }, { type: 'strategic', subresource: 'status' })
    }
    await client.delete(pods, pod.metadata, { preconditions: { uid }, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
