import type { Pod } from '#api/core/v1/types'
import type { Quantity } from '#apimachinery/meta/v1/scalars'
import { addQuantities, compareQuantities, quantitySign } from '#apimachinery/quantity'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'
type Resources = Readonly<Record<string, Quantity>>

const counted = ['cpu', 'memory']

/**
 * Guaranteed: CPU and memory are limited everywhere and requested to the limit. BestEffort: neither is mentioned. Pod-level
 * resources, where there are any, decide instead of the containers'.
 */
export function qosClassOf({ spec }: Pick<Pod, 'spec'>): QosClass {
  const requests = new Map<string, Quantity>()
  const limits = new Map<string, Quantity>()
  let limited = true
  if (spec.resources) {
    add(requests, spec.resources.requests)
    // Without any limits at pod level there is nothing that could be guaranteed: the comparison below finds out.
    if (Object.keys(spec.resources.limits ?? {}).length > 0 && add(limits, spec.resources.limits) < counted.length) limited = false
  } else {
    for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      add(requests, resources?.requests)
      if (add(limits, resources?.limits) < counted.length) limited = false
    }
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  if (!limited || requests.size !== limits.size) return 'Burstable'
  for (const [name, request] of requests) {
    const limit = limits.get(name)
    if (limit === undefined || compareQuantities(limit, request) !== 0) return 'Burstable'
  }
  return 'Guaranteed'
}

/** Adds what counts and is more than nothing; returns how many resources that were. */
function add(total: Map<string, Quantity>, resources: Resources | undefined): number {
  let found = 0
  for (const name of counted) {
    const quantity = resources?.[name]
    if (quantity === undefined || quantitySign(quantity) <= 0) continue
    const before = total.get(name)
    total.set(name, before === undefined ? quantity : addQuantities(before, quantity))
    found++
  }
  return found
}
