import type { Quantity } from '#apimachinery/meta/v1/scalars'
import { addQuantities, compareQuantities } from '#apimachinery/quantity'
import type { Container, PodSpec } from './types'

export type ResourceList = Record<string, Quantity>

export const addResources = (a: ResourceList, b: ResourceList): ResourceList => {
  const sum = { ...a }
  for (const [name, quantity] of Object.entries(b)) sum[name] = sum[name] === undefined ? quantity : addQuantities(sum[name], quantity)
  return sum
}
const max = (a: ResourceList, b: ResourceList): ResourceList => {
  const most = { ...a }
  for (const [name, quantity] of Object.entries(b)) if (most[name] === undefined || compareQuantities(most[name], quantity) < 0) most[name] = quantity
  return most
}

/**
 * What a pod's containers ask for, by any resource's name: all together, or its biggest moment of starting up; init containers that go
 * on running count into both.
 */
export function containerTotals(spec: PodSpec, sort: 'requests' | 'limits'): ResourceList {
  const of = ({ resources }: Pick<Container, 'resources'>): ResourceList => resources?.[sort] ?? {}
  let running: ResourceList = {}
  for (const container of spec.containers ?? []) running = addResources(running, of(container))
  let sidecars: ResourceList = {}
  let starting: ResourceList = {}
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      running = addResources(running, of(container))
      sidecars = addResources(sidecars, of(container))
      starting = max(starting, sidecars)
    } else starting = max(starting, addResources(sidecars, of(container)))
  }
  return max(running, starting)
}
