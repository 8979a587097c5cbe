// What the server itself writes into pods, and what the status, resize and ephemeral container endpoints leave alone.
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import type { WriteContext } from '#apimachinery/resource'
import { bumpGenerationWhenSpecChanges } from '../../strategies'
import { copyAppArmorAnnotations } from './app-armor'
import { dropDisabledPodFields } from './pod-gates'
import { qosClassOf } from './pod-qos'
import type { Container, Pod, PodAffinity } from './types'

export function prepareNewPod(pod: Pod, context: WriteContext): void {
  const { now } = context
  dropDisabledPodFields(pod.spec, undefined, context)
  pod.metadata.generation = 1
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec) }
  if (pod.spec.schedulingGates?.length) {
    pod.status.conditions = [{
      type: 'PodScheduled', status: 'False', lastProbeTime: null as unknown as string, lastTransitionTime: now, reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
    }]
  }
  mergeLabelKeys(pod, context)
  copyAppArmorAnnotations(pod)
}

/** matchLabelKeys become plain selector requirements, so that the scheduler need not know them. */
function mergeLabelKeys({ metadata, spec }: Pod, { enabled }: WriteContext): void {
  const own = metadata.labels ?? {}
  const add = (selector: LabelSelector | undefined, keys: readonly string[] | undefined, operator: string): void => {
    if (!selector) return
    for (const key of keys ?? []) {
      if (own[key] !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [own[key]] })
    }
  }
  const terms = (affinity: PodAffinity | undefined) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm),
  ]
  if (spec.affinity) {
    for (const term of [...terms(spec.affinity.podAffinity), ...terms(spec.affinity.podAntiAffinity)]) {
      add(term.labelSelector, term.matchLabelKeys, 'In')
      add(term.labelSelector, term.mismatchLabelKeys, 'NotIn')
    }
  }
  if (!enabled('MatchLabelKeysInPodTopologySpread') || !enabled('MatchLabelKeysInPodTopologySpreadSelectorMerge')) return
  for (const constraint of spec.topologySpreadConstraints ?? []) add(constraint.labelSelector, constraint.matchLabelKeys, 'In')
}

/** `podIP` is the first of `podIPs`; where both are written and differ, an old kubelet wrote the older field. */
export function defaultPodStatus({ status }: Pod): void {
  const { podIP, podIPs } = status
  if (podIP && podIPs?.[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }]
  else if (!podIP && podIPs?.[0]) status.podIP = podIPs[0].ip
}

export function preparePodStatus(pod: Pod, old: Pod, { enabled }: WriteContext): void {
  pod.spec = old.spec
  delete pod.metadata.deletionTimestamp
  if (old.metadata.deletionTimestamp) pod.metadata.deletionTimestamp = old.metadata.deletionTimestamp
  if (old.metadata.ownerReferences) pod.metadata.ownerReferences = old.metadata.ownerReferences
  else delete pod.metadata.ownerReferences
  if (!pod.status.qosClass && old.status.qosClass) pod.status.qosClass = old.status.qosClass
  if (!enabled('DRANodeAllocatableResources') && !old.status.nodeAllocatableResourceClaimStatuses) delete pod.status.nodeAllocatableResourceClaimStatuses
  // Writers that know nothing of generations must not wipe out what others observed.
  if (!pod.status.observedGeneration && old.status.observedGeneration) pod.status.observedGeneration = old.status.observedGeneration
  for (const condition of pod.status.conditions ?? []) {
    const before = old.status.conditions?.find((other) => other.type === condition.type)?.observedGeneration
    if (!condition.observedGeneration && before) condition.observedGeneration = before
  }
}

function keepAllButSpec(pod: Pod, old: Pod): void {
  pod.status = old.status
  const { resourceVersion, managedFields, generateName } = pod.metadata
  pod.metadata = { ...old.metadata, resourceVersion, ...(managedFields ? { managedFields } : {}) }
  if (generateName) pod.metadata.generateName = generateName
}

export function prepareEphemeralContainers(pod: Pod, old: Pod): void {
  const added = pod.spec.ephemeralContainers
  pod.spec = { ...old.spec }
  if (added) pod.spec.ephemeralContainers = added
  else delete pod.spec.ephemeralContainers
  keepAllButSpec(pod, old)
  bumpGenerationWhenSpecChanges(pod, old)
}

export function prepareResize(pod: Pod, old: Pod): void {
  const { containers, initContainers, resources } = pod.spec
  // A list of another length is refused by validation, which needs to see it.
  if (containers?.length === old.spec.containers.length && (initContainers?.length ?? 0) === (old.spec.initContainers?.length ?? 0)) {
    pod.spec = { ...old.spec, containers: withResources(containers, old.spec.containers) }
    if (initContainers) pod.spec.initContainers = withResources(initContainers, old.spec.initContainers ?? [])
    if (resources) pod.spec.resources = resources
    else delete pod.spec.resources
    keepAllButSpec(pod, old)
  }
  bumpGenerationWhenSpecChanges(pod, old)
}

function withResources(containers: readonly Container[], old: readonly Container[]): Container[] {
  if (containers.some((container, i) => container.name !== old[i]!.name)) return [...containers]
  return containers.map(({ resources, resizePolicy }, i) => {
    const merged: Container = { ...old[i]!, resources }
    if (resizePolicy) merged.resizePolicy = resizePolicy
    else delete merged.resizePolicy
    return merged
  })
}

/** Seconds; 0 deletes at once: a pod that no node has, or that has ended, has nothing to shut down. */
export function podGracePeriod({ spec, status }: Pod, asked: number | undefined): number {
  if (!spec.nodeName || status.phase === 'Failed' || status.phase === 'Succeeded') return 0
  const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 0
  return seconds < 0 ? 1 : seconds
}
