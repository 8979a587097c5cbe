import type { Pod } from '#api/core/v1/types'
import { quantityMilliValue } from '#apimachinery/quantity'
import { isPodReady } from '#component-helpers/pod-status'
import { findCondition } from '#component-helpers/conditions'

/** What a pod uses, in thousandths; over `windowMs` until `at`. */
export interface PodMetric {
  readonly value: number
  readonly at: number
  readonly windowMs: number
}

/** A ratio of usage to target this close to 1 changes nothing. */
export interface Tolerances {
  readonly up: number
  readonly down: number
}

export interface Times {
  readonly now: number
  /** A pod that started so recently uses its CPU to start. */
  readonly cpuInitializationMs: number
  /** A pod whose readiness changed so soon after its start has never been ready. */
  readonly initialReadinessMs: number
}

const isWithin = ({ up, down }: Tolerances, ratio: number): boolean => 1 - down <= ratio && ratio <= 1 + up

export interface Sized {
  readonly replicas: number
  /** The average of one pod, in thousandths. */
  readonly usage: number
  /** Percent of what was requested, where that was the target. */
  readonly utilization?: number
}

/** By how much of its request a pod uses, in percent, over all that have a request. */
export function byUtilization(
  current: number, target: number, metrics: Map<string, PodMetric>, pods: readonly Pod[], requests: ReadonlyMap<string, number>, resource: string, tolerances: Tolerances, times: Times,
): Sized {
  const ratio = (of: ReadonlyMap<string, PodMetric>): { ratio: number; usage: number; utilization: number } => {
    let [used, requested, count] = [0, 0, 0]
    for (const [pod, { value }] of of) {
      const request = requests.get(pod)
      if (request === undefined) continue
      used += value
      requested += request
      count++
    }
    if (requested === 0) throw new Error('no metrics returned matched known pods')
    const utilization = Math.trunc((used * 100) / requested)
    return { ratio: utilization / target, usage: Math.trunc(used / count), utilization }
  }
  // A pod without metrics counts as using all that it asked for, or its target where that is more.
  return size(current, metrics, pods, resource, tolerances, times, ratio, (pod) => ((requests.get(pod) ?? 0) * Math.max(100, target)) / 100)
}

/** By the average over all pods. */
export function byAverage(current: number, target: number, metrics: Map<string, PodMetric>, pods: readonly Pod[], resource: string, tolerances: Tolerances, times: Times): Sized {
  const ratio = (of: ReadonlyMap<string, PodMetric>): { ratio: number; usage: number } => {
    let used = 0
    for (const { value } of of.values()) used += value
    const usage = Math.trunc(used / of.size)
    return { ratio: usage / target, usage }
  }
  return size(current, metrics, pods, resource, tolerances, times, ratio, () => target)
}

/** By one value for all: of an object, or from outside. Pods that are not ready do not share the load. */
export function byTotal(current: number, ratio: number, pods: readonly Pod[], tolerances: Tolerances): number {
  if (current === 0) return Math.ceil(ratio)
  if (isWithin(tolerances, ratio)) return current
  if (pods.length === 0) throw new Error('unable to calculate ready pods: no pods returned by selector while calculating replica count')
  const ready = pods.filter((pod) => pod.status.phase === 'Running' && isPodReady(pod)).length
  return Math.min(Math.ceil(ratio * ready), 2 ** 31 - 1)
}

/** By one value that is shared among all pods. */
export function byShare(current: number, usage: number, target: number, tolerances: Tolerances): number {
  return isWithin(tolerances, usage / (target * current)) ? current : Math.ceil(usage / target)
}

function size(
  current: number, metrics: Map<string, PodMetric>, pods: readonly Pod[], resource: string, tolerances: Tolerances, times: Times,
  ratioOf: (metrics: ReadonlyMap<string, PodMetric>) => { ratio: number; usage: number; utilization?: number }, assumedUse: (pod: string) => number,
): Sized {
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count')
  const { ready, unready, missing, ignored } = group(pods, metrics, resource, times)
  for (const pod of [...ignored, ...unready]) metrics.delete(pod)
  if (metrics.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  const { ratio, ...found } = ratioOf(metrics)
  const growsWithUnready = unready.length > 0 && ratio > 1
  if (!growsWithUnready && missing.length === 0) return { ...found, replicas: isWithin(tolerances, ratio) ? current : Math.ceil(ratio * ready) }

  // Who is not known is assumed to speak against the change.
  const assume = (names: readonly string[], value: (pod: string) => number): void => {
    for (const pod of names) metrics.set(pod, { value: value(pod), at: 0, windowMs: 0 })
  }
  if (ratio < 1) assume(missing, assumedUse)
  else if (ratio > 1) assume(missing, () => 0)
  if (growsWithUnready) assume(unready, () => 0)
  const { ratio: again } = ratioOf(metrics)
  const turned = (ratio < 1 && again > 1) || (ratio > 1 && again < 1)
  const replicas = Math.ceil(again * metrics.size)
  const backwards = (again < 1 && replicas > current) || (again > 1 && replicas < current)
  return { ...found, replicas: isWithin(tolerances, again) || turned || backwards ? current : replicas }
}

function group(pods: readonly Pod[], metrics: ReadonlyMap<string, PodMetric>, resource: string, times: Times): { ready: number; unready: string[]; missing: string[]; ignored: string[] } {
  const groups = { ready: 0, unready: [] as string[], missing: [] as string[], ignored: [] as string[] }
  for (const pod of pods) {
    const { name } = pod.metadata
    const metric = metrics.get(name)
    if (pod.metadata.deletionTimestamp || pod.status.phase === 'Failed') groups.ignored.push(name)
    else if (pod.status.phase === 'Pending') groups.unready.push(name)
    else if (!metric) groups.missing.push(name)
    else if (resource === 'cpu' && isStarting(pod, metric, times)) groups.unready.push(name)
    else groups.ready++
  }
  return groups
}

function isStarting({ status }: Pod, metric: PodMetric, { now, cpuInitializationMs, initialReadinessMs }: Times): boolean {
  const ready = findCondition(status.conditions, 'Ready')
  if (!ready || !status.startTime) return true
  const [started, changed] = [Date.parse(status.startTime), Date.parse(ready.lastTransitionTime ?? '')]
  if (started + cpuInitializationMs > now) return ready.status === 'False' || metric.at < changed + metric.windowMs
  return ready.status === 'False' && started + initialReadinessMs > changed
}

/** What each pod asks for, in thousandths, whole or of one container. Throws where one does not say it. */
export function requestsOf(pods: readonly Pod[], resource: string, container?: string): Map<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]))
}

function requestOf({ metadata: { name }, spec }: Pod, resource: string, container: string | undefined): number {
  const whole = spec.resources?.requests
  if (container === undefined && whole) {
    const asked = whole[resource]
    if (asked === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${name}`)
    return quantityMilliValue(asked)
  }
  const running = [...spec.containers, ...(spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always')]
  const counted = container === undefined ? running : running.filter((one) => one.name === container)
  if (counted.length === 0) throw new Error(`container ${container} not found in Pod ${name}`)
  let sum = 0
  for (const one of counted) {
    const asked = one.resources?.requests?.[resource]
    if (asked === undefined) throw new Error(`missing request for ${resource} in container ${one.name} of Pod ${name}`)
    sum += quantityMilliValue(asked)
  }
  return sum
}
