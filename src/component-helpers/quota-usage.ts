import type { PersistentVolumeClaim, Pod, PodAffinityTerm, ScopedResourceSelectorRequirement, Service } from '#api/core/v1/types'
import { addQuantities } from '#apimachinery/quantity'
import { podTotals } from './pod-totals'
import type { ResourceList } from './pod-totals'
import { qosClassOf } from './qos-class'

/** How objects of one resource count against a ResourceQuota: what admission and the quota controller both ask. */
export interface QuotaEvaluator {
  /** Whether this write may change what is used. */
  handles(operation: string, subresource: string, object: unknown, old: unknown): boolean
  /** Whether a name of `spec.hard` is about this resource. */
  counts(name: string): boolean
  /** `now` in milliseconds. */
  usage(object: unknown, now: number): ResourceList
  matchesScope(selector: ScopedResourceSelectorRequirement, object: unknown): boolean
  /** What the object must say when these are limited, and does not: `must specify requests.cpu for: c`. */
  missing?(limited: readonly string[], object: unknown): string | undefined
}

/** The evaluator of any resource: most are only counted. */
export function quotaEvaluator({ group, resource }: { group: string; resource: string }): QuotaEvaluator {
  const special = group === '' ? specials[resource] : undefined
  return special ?? countOf(group === '' ? `count/${resource}` : `count/${resource}.${group}`, group === '' && aliased.has(resource) ? resource : undefined)
}

/** Resources whose plain name was counted before `count/` came. */
const aliased = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'])

function countOf(name: string, alias?: string): QuotaEvaluator {
  const usage: ResourceList = alias ? { [name]: '1', [alias]: '1' } : { [name]: '1' }
  return {
    handles: (operation, subresource) => operation === 'CREATE' && subresource === '',
    counts: (limited) => limited === name || limited === alias,
    usage: () => usage,
    matchesScope: () => false,
  }
}

/** Exists, DoesNotExist, In and NotIn over a value that may be absent. */
function selects({ operator, values = [] }: ScopedResourceSelectorRequirement, value: string | undefined): boolean {
  if (operator === 'Exists') return value !== undefined
  if (operator === 'DoesNotExist') return value === undefined
  return operator === 'In' ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value)
}

const podNames = new Set([
  'pods', 'count/pods', 'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage',
])
/** What every container must say when it is limited. */
const mustBeSaid = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'])

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: ResourceList = {}
  for (const [name, quantity] of Object.entries(requests)) {
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-')) usage[name] = quantity
    usage[`requests.${name}`] = quantity
  }
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) if (limits[name] !== undefined) usage[`limits.${name}`] = limits[name]
  return usage
}

const isTerminating = ({ spec }: Pod): boolean => (spec.activeDeadlineSeconds ?? -1) >= 0

const isBestEffort = (pod: Pod): boolean => qosClassOf(pod) === 'BestEffort'

function reachesOtherNamespaces({ spec }: Pod): boolean {
  const crosses = ({ namespaces, namespaceSelector }: PodAffinityTerm): boolean => (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined
  return [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity].some(
    (affinity) =>
      affinity?.requiredDuringSchedulingIgnoredDuringExecution?.some(crosses) || affinity?.preferredDuringSchedulingIgnoredDuringExecution?.some((term) => crosses(term.podAffinityTerm)),
  )
}

/** A pod that is done, or should have been gone by now, only counts as an object. */
function isCharged({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  return deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined || now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

const podEvaluator: QuotaEvaluator = {
  handles: (operation, subresource, object, old) =>
    subresource === 'resize' ? operation === 'UPDATE' : subresource === '' && (operation === 'CREATE' || (operation === 'UPDATE' && isTerminating(object as Pod) !== isTerminating(old as Pod))),
  counts: (name) => podNames.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-') || /^requests\.[^/]+\//.test(name),
  usage(object, now) {
    const pod = object as Pod
    if (!isCharged(pod, now)) return { 'count/pods': '1' }
    return { 'count/pods': '1', pods: '1', ...computeUsage(podTotals(pod, 'requests', { overhead: true }), podTotals(pod, 'limits', { overhead: true })) }
  },
  matchesScope(selector, object) {
    const pod = object as Pod
    switch (selector.scopeName) {
      case 'Terminating': return isTerminating(pod)
      case 'NotTerminating': return !isTerminating(pod)
      case 'BestEffort': return isBestEffort(pod)
      case 'NotBestEffort': return !isBestEffort(pod)
      case 'PriorityClass': return selects(selector, pod.spec.priorityClassName || undefined)
      case 'CrossNamespacePodAffinity': return reachesOtherNamespaces(pod)
      default: return false
    }
  },
  missing(limited, object) {
    const { spec } = object as Pod
    if (spec.resources?.requests || spec.resources?.limits) return undefined
    const required = limited.filter((name) => mustBeSaid.has(name)).sort()
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name, resources }) => ({ name, says: computeUsage(resources?.requests ?? {}, resources?.limits ?? {}) }))
    const texts = required.flatMap((name) => {
      const silent = [...new Set(containers.filter(({ says }) => says[name] === undefined).map((container) => container.name))].sort()
      return silent.length > 0 ? [`${name} for: ${silent.join(',')}`] : []
    })
    return texts.length > 0 ? `must specify ${texts.join('; ')}` : undefined
  },
}

const serviceEvaluator: QuotaEvaluator = {
  handles: (operation, subresource) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  counts: (name) => ['count/services', 'services', 'services.nodeports', 'services.loadbalancers'].includes(name),
  usage(object) {
    const { type, ports = [], allocateLoadBalancerNodePorts } = (object as Service).spec
    const withPort = ports.filter(({ nodePort }) => nodePort).length
    const balanced = type === 'LoadBalancer'
    const nodePorts = type === 'NodePort' ? ports.length : balanced ? (allocateLoadBalancerNodePorts === false ? withPort : ports.length) : 0
    return { 'count/services': '1', services: '1', 'services.loadbalancers': balanced ? '1' : '0', 'services.nodeports': String(nodePorts) }
  },
  matchesScope: () => false,
}

const byClass = '.storageclass.storage.k8s.io/'

const claimEvaluator: QuotaEvaluator = {
  handles: (operation, subresource) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  counts: (name) =>
    ['count/persistentvolumeclaims', 'persistentvolumeclaims', 'requests.storage'].includes(name) || name.endsWith(`${byClass}persistentvolumeclaims`) || name.endsWith(`${byClass}requests.storage`),
  usage(object) {
    const { metadata, spec } = object as PersistentVolumeClaim
    const storageClass = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? ''
    const usage: ResourceList = { 'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1' }
    const storage = spec.resources?.requests?.['storage']
    if (storage !== undefined) usage['requests.storage'] = storage
    if (storageClass === '') return usage
    usage[`${storageClass}${byClass}persistentvolumeclaims`] = '1'
    if (storage !== undefined) usage[`${storageClass}${byClass}requests.storage`] = storage
    return usage
  },
  matchesScope: (selector, object) => selector.scopeName === 'VolumeAttributesClass' && selects(selector, (object as PersistentVolumeClaim).spec.volumeAttributesClassName || undefined),
}

const specials: Readonly<Record<string, QuotaEvaluator>> = { pods: podEvaluator, services: serviceEvaluator, persistentvolumeclaims: claimEvaluator }

/** All scopes of a quota as selectors. */
export function scopesOf({ spec }: { spec?: { scopes?: string[]; scopeSelector?: { matchExpressions?: ScopedResourceSelectorRequirement[] } } }): ScopedResourceSelectorRequirement[] {
  return [...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })), ...(spec?.scopeSelector?.matchExpressions ?? [])]
}

/** Adds up what objects use, for the names that are limited. */
export function addUsage(into: ResourceList, more: ResourceList): ResourceList {
  const sum = { ...into }
  for (const [name, quantity] of Object.entries(more)) sum[name] = sum[name] === undefined ? quantity : addQuantities(sum[name], quantity)
  return sum
}
