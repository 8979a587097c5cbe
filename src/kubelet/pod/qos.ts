import type { Container, Pod } from '#api/core/v1/types'
import { amount } from './amount'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'
const counted = ['cpu', 'memory'] as const

/** Guaranteed: every container limits cpu and memory and asks for just that. BestEffort: none asks for anything. */
export function podQos(pod: Pod): QosClass {
  if (pod.status.qosClass) return pod.status.qosClass as QosClass
  const podLevel = pod.spec.resources
  const holders: Pick<Container, 'resources'>[] = podLevel && (podLevel.requests || podLevel.limits) ? [{ resources: podLevel }] : [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  let any = false
  let guaranteed = true
  for (const { resources } of holders) {
    for (const name of counted) {
      const request = amount(resources?.requests?.[name])
      const limit = amount(resources?.limits?.[name])
      if (request > 0 || limit > 0) any = true
      if (limit <= 0 || (resources?.requests?.[name] !== undefined && request !== limit)) guaranteed = false
    }
  }
  return !any ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable'
}
