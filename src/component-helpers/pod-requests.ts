import type { Container, Pod } from '#api/core/v1/types'
import { addResources, type ComputeResources, emptyResources, raiseResources, resourcesOf } from './compute-resources'

export interface RequestsOptions {
  /** Stands in for what a container does not ask for (spreading counts empty requests as something). */
  assume?: Pick<ComputeResources, 'milliCpu' | 'memory'>
}

/**
 * What a pod asks a node for: its containers together, or, where that is more, an init container beside the sidecars that
 * were started before it; pod-level resources win where they are set; overhead on top. `pods` is left at 0.
 */
export function podRequests(pod: Pod, options: RequestsOptions = {}): ComputeResources {
  return podTotal(pod, (container) => {
    const requests = container.resources?.requests
    const resources = resourcesOf(requests)
    if (options.assume) {
      if (requests?.cpu === undefined) resources.milliCpu = options.assume.milliCpu
      if (requests?.memory === undefined) resources.memory = options.assume.memory
    }
    return resources
  }, 'requests')
}

/** What a pod may use at most, as far as limits are set. */
export function podLimits(pod: Pod): ComputeResources {
  return podTotal(pod, (container) => resourcesOf(container.resources?.limits), 'limits')
}

function podTotal({ spec }: Pod, of: (container: Container) => ComputeResources, part: 'requests' | 'limits'): ComputeResources {
  const total = emptyResources()
  for (const container of spec.containers) addResources(total, of(container))
  if (spec.initContainers) {
    const sidecars = emptyResources()
    const peak = emptyResources()
    for (const container of spec.initContainers) {
      const resources = of(container)
      if (container.restartPolicy === 'Always') {
        addResources(sidecars, resources)
        raiseResources(peak, sidecars)
      } else {
        addResources(resources, sidecars)
        raiseResources(peak, resources)
      }
    }
    addResources(total, sidecars)
    raiseResources(total, peak)
  }
  const podLevel = spec.resources?.[part]
  if (podLevel) {
    const level = resourcesOf(podLevel)
    if (podLevel.cpu !== undefined) total.milliCpu = level.milliCpu
    if (podLevel.memory !== undefined) total.memory = level.memory
    for (const [name, value] of level.scalar ?? []) (total.scalar ??= new Map()).set(name, value)
  }
  if (spec.overhead) addResources(total, part === 'requests' ? resourcesOf(spec.overhead) : overheadOnLimits(resourcesOf(spec.overhead), total))
  return total
}

/** Overhead adds to limits only where there are any: no limit plus something is still no limit. */
function overheadOnLimits(overhead: ComputeResources, limits: ComputeResources): ComputeResources {
  if (limits.milliCpu === 0) overhead.milliCpu = 0
  if (limits.memory === 0) overhead.memory = 0
  if (limits.ephemeralStorage === 0) overhead.ephemeralStorage = 0
  for (const name of overhead.scalar?.keys() ?? []) if (!limits.scalar?.has(name)) overhead.scalar!.delete(name)
  return overhead
}
