// A pod's quality of service: who loses memory and processor first when a node runs short.
import { compareQuantities, quantitySign } from '#apimachinery/quantity'
import type { PodSpec, ResourceRequirements } from './types'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'
const resources = ['cpu', 'memory'] as const

export function qosClassOf(spec: PodSpec): QosClass {
  const given = (list: ResourceRequirements['limits']): boolean => list !== undefined && Object.keys(list).length > 0
  if (spec.resources && (given(spec.resources.limits) || given(spec.resources.requests))) return classOf([spec.resources])
  return classOf([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => container.resources))
}

function classOf(all: readonly ResourceRequirements[]): QosClass {
  let any = false
  let guaranteed = all.length > 0
  for (const { limits, requests } of all) {
    for (const name of resources) {
      const limit = positive(limits?.[name])
      const request = positive(requests?.[name])
      if (limit || request) any = true
      if (guaranteed && (!limit || (request && request !== limit && compareQuantities(request, limit) !== 0))) guaranteed = false
    }
  }
  if (!any) return 'BestEffort'
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

const positive = (quantity: string | undefined): string | undefined => (quantity !== undefined && quantitySign(quantity) > 0 ? quantity : undefined)
