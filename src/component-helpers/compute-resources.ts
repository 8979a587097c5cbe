import type { Quantity } from '#apimachinery/meta/v1/scalars'
import { quantityMilliValue, quantityValue } from '#apimachinery/quantity'

/** Resources as numbers: CPU in thousandths of a core, the others whole (bytes, pieces). */
export interface ComputeResources {
  milliCpu: number
  memory: number
  ephemeralStorage: number
  /** How many pods a node takes; 1 for a pod. */
  pods: number
  /** Extended resources and huge pages, by name. */
  scalar: Map<string, number> | undefined
}

export const emptyResources = (): ComputeResources => ({ milliCpu: 0, memory: 0, ephemeralStorage: 0, pods: 0, scalar: undefined })

/** Quantities as numbers, rounded up. */
export function resourcesOf(list: Readonly<Record<string, Quantity>> | undefined): ComputeResources {
  const resources = emptyResources()
  for (const name in list) {
    const quantity = list[name]!
    if (name === 'cpu') resources.milliCpu = quantityMilliValue(quantity)
    else if (name === 'memory') resources.memory = quantityValue(quantity)
    else if (name === 'ephemeral-storage') resources.ephemeralStorage = quantityValue(quantity)
    else if (name === 'pods') resources.pods = quantityValue(quantity)
    else (resources.scalar ??= new Map()).set(name, quantityValue(quantity))
  }
  return resources
}

export function addResources(into: ComputeResources, other: ComputeResources): void {
  combine(into, other, (a, b) => a + b)
}

export function subtractResources(from: ComputeResources, other: ComputeResources): void {
  combine(from, other, (a, b) => a - b)
}

/** Raises each resource to at least the other's. */
export function raiseResources(into: ComputeResources, other: ComputeResources): void {
  combine(into, other, Math.max)
}

function combine(into: ComputeResources, other: ComputeResources, by: (a: number, b: number) => number): void {
  into.milliCpu = by(into.milliCpu, other.milliCpu)
  into.memory = by(into.memory, other.memory)
  into.ephemeralStorage = by(into.ephemeralStorage, other.ephemeralStorage)
  into.pods = by(into.pods, other.pods)
  if (!other.scalar) return
  into.scalar ??= new Map()
  for (const [name, value] of other.scalar) into.scalar.set(name, by(into.scalar.get(name) ?? 0, value))
}
