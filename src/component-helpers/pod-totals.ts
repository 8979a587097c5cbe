import { addResources, containerTotals, type ResourceList } from '#api/core/v1/container-totals'
import type { Pod } from '#api/core/v1/types'

export type { ResourceList }

/** What a pod asks for as a whole, by any resource's name: its containers, or what is said for the pod itself, which wins. */
export function podTotals({ spec }: Pod, sort: 'requests' | 'limits', { overhead = false }: { overhead?: boolean } = {}): ResourceList {
  const total = { ...containerTotals(spec, sort), ...spec.resources?.[sort] }
  return overhead && spec.overhead ? addResources(total, sort === 'requests' ? spec.overhead : Object.fromEntries(Object.entries(spec.overhead).filter(([name]) => total[name] !== undefined))) : total
}
