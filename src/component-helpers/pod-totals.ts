import type { Container, Pod } from '#api/core/v1/types'
import type { Quantity } from '#apimachinery/meta/v1/scalars'
import { addQuantities, compareQuantities } from '#apimachinery/quantity'

export type ResourceList = Record<string, Quantity>

const add = (a: ResourceList, b: ResourceList): ResourceList => {
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
 * What a pod asks for as a whole, by any resource's name: its containers together, or its biggest moment of starting up;
 * init containers that go on running count into both. What is said for the pod itself wins.
 */
export function podTotals({ spec }: Pod, sort: 'requests' | 'limits', { overhead = false }: { overhead?: boolean } = {}): ResourceList {
  const of = ({ resources }: Pick<Container, 'resources'>): ResourceList => resources?.[sort] ?? {}
  let running: ResourceList = {}
  for (const container of spec.containers ?? []) running = add(running, of(container))
  let sidecars: ResourceList = {}
  let starting: ResourceList = {}
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      running = add(running, of(container))
      sidecars = add(sidecars, of(container))
      starting = max(starting, sidecars)
    } else starting = max(starting, add(sidecars, of(container)))
  }
  const containers = max(running, starting)
  const total = { ...containers, ...spec.resources?.[sort] }
  return overhead && spec.overhead ? add(total, sort === 'requests' ? spec.overhead : Object.fromEntries(Object.entries(spec.overhead).filter(([name]) => total[name] !== undefined))) : total
}
