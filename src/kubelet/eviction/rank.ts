import type { Pod } from '#api/core/v1/types'
import { quantityOf } from '#apimachinery/quantity'
import { podPriority } from '#component-helpers/priorities'
import { amount } from '../pod/amount'
import { podTotal } from '../pod/resources'
import type { PodUsage, Usage } from './pod-usage'
import type { Observation, Threshold } from './thresholds'
import { resourceOf } from './thresholds'

type Resource = (typeof resourceOf)[keyof typeof resourceOf]

const used = (usage: Usage | undefined, resource: Resource): number =>
  !usage ? 0 : resource === 'memory' ? usage.memoryBytes : resource === 'ephemeral-storage' ? usage.diskBytes : resource === 'inodes' ? usage.inodes : 0
const requested = (pod: Pod, resource: Resource): number => (resource === 'memory' || resource === 'ephemeral-storage' ? podTotal(pod, 'requests', resource, amount) : 0)

/** Who goes first: pods that take more than they asked for, of these the least important, of these the one that is furthest beyond. */
export function rankForEviction(pods: readonly Pod[], resource: Resource, usages: ReadonlyMap<string, PodUsage>): Pod[] {
  const beyond = new Map(pods.map((pod) => [pod, used(usages.get(pod.metadata.uid ?? ''), resource) - requested(pod, resource)]))
  const exceeds = (pod: Pod): number => (resource !== 'pids' && beyond.get(pod)! > 0 ? 0 : 1)
  return [...pods].sort((a, b) => exceeds(a) - exceeds(b) || podPriority(a) - podPriority(b) || beyond.get(b)! - beyond.get(a)!)
}

export interface EvictionWords { message: string; annotations: Record<string, string> }

/** The status message and the event of an evicted pod, with what it used. */
export function evictionWords(pod: Pod, { signal, of }: Threshold, { available, capacity }: Observation, usage: PodUsage | undefined): EvictionWords {
  const resource = resourceOf[signal]
  const binary = resource === 'memory' || resource === 'ephemeral-storage'
  const text = (value: number): string => quantityOf(Math.trunc(value), binary ? 'BinarySI' : 'DecimalSI')
  let message = `The node was low on resource: ${resource}. Threshold quantity: ${text(of(capacity))}, available: ${text(available)}. `
  const guilty: [name: string, usage: string][] = []
  if (resource === 'memory' || resource === 'ephemeral-storage')
    for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      const mine = usage?.containers.get(container.name)
      const request = container.resources?.requests?.[resource] ?? '0'
      if (!mine || used(mine, resource) <= amount(request)) continue
      guilty.push([container.name, text(used(mine, resource))])
      message += `Container ${container.name} was using ${text(used(mine, resource))}, request is ${request}, has larger consumption of ${resource}. `
    }
  return {
    message,
    annotations: { offending_containers: guilty.map(([name]) => name).join(','), offending_containers_usage: guilty.map(([, amountUsed]) => amountUsed).join(','), starved_resource: resource },
  }
}

/** Why a pod has more on the node's disk than it said; undefined when it keeps to it. */
export function diskLimitExceeded(pod: Pod, usage: PodUsage): string | undefined {
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = emptyDir && emptyDir.medium !== 'Memory' ? emptyDir.sizeLimit : undefined
    if (limit !== undefined && amount(limit) > 0 && (usage.emptyDirs.get(name) ?? 0) > amount(limit)) return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `
  }
  const limits = podTotal(pod, 'limits', 'ephemeral-storage', amount)
  const all = pod.spec.containers.every(({ resources }) => resources?.limits?.['ephemeral-storage'] !== undefined)
  if (limits > 0 && all && usage.diskBytes > limits) return `Pod ephemeral local storage usage exceeds the total limit of containers ${quantityOf(limits, 'BinarySI')}. `
  for (const { name, resources } of pod.spec.containers) {
    const limit = resources?.limits?.['ephemeral-storage']
    if (limit !== undefined && (usage.containers.get(name)?.diskBytes ?? 0) > amount(limit)) return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `
  }
  return undefined
}

/** Whether the pod says how much it may have on the node's disk: only then somebody must look. */
export function limitsDisk({ spec }: Pod): boolean {
  return (
    (spec.volumes ?? []).some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined && emptyDir.medium !== 'Memory') ||
    spec.containers.some(({ resources }) => resources?.limits?.['ephemeral-storage'] !== undefined)
  )
}
