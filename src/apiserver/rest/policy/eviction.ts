import type { Pod } from '#api/core/v1/types'
import type { Eviction, PodDisruptionBudget } from '#api/policy/v1/types'
import { ApiError, badRequest, conflict, forbidden } from '#apimachinery/api-error'
import type { DeleteOptions } from '#apimachinery/meta/v1/types'
import { matchesLabels, selectorOfObject } from '#apimachinery/selectors/label-selector'
import { objectOf, type CacheEntry } from '../../cache/entry'
import type { Result } from '../../exchange'
import { deleteObject } from '../../registry/delete'
import { readNewest, cacheOf, type Registry } from '../../registry/registry'
import { rewrite } from '../../registry/rewrite'
import { readSelection } from '../../registry/selection'
import type { Kind } from '../../kinds'
import { findCondition } from '#component-helpers/conditions'
import type { EndpointCall } from '../rest'

const maxDisruptedPods = 2000

/** POST of an Eviction: a delete that asks the pod's disruption budget first. */
export async function evict({ exchange, kind, registry, decode, write }: EndpointCall): Promise<Result> {
  const eviction = await decode<Eviction>()
  const name = exchange.info.name
  if (eviction.metadata?.name && eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const options: DeleteOptions = { ...eviction.deleteOptions }
  const request = { ...write, dryRun: write.dryRun || (options.dryRun?.length ?? 0) > 0 }
  const entry = await readNewest(registry, kind, request.namespace, name)
  const pod = entry && (objectOf(kind.resource, entry) as Pod)
  const budget = pod && entry && !isBeyondBudgets(pod) ? budgetOf(pod, await budgetsIn(registry, request.namespace)) : undefined
  if (pod && budget) {
    const found = objectOf(budget.kind.resource, budget.entry) as PodDisruptionBudget
    if (mayGoUnhealthy(pod, found)) options.preconditions = { ...options.preconditions, resourceVersion: pod.metadata.resourceVersion }
    else await take(registry, budget, pod, request)
  }
  if (pod && !request.dryRun) {
    const marked = await sayWhy(registry, request, options, kind)
    if (options.preconditions?.resourceVersion) options.preconditions = { ...options.preconditions, resourceVersion: String(marked.revision) }
  }
  await deleteObject(registry, request, options)
  return { sort: 'object', code: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } }
}

/** Whoever counts the pod's failure sees that it was not its own. */
function sayWhy(registry: Registry, request: EndpointCall['write'], { preconditions }: DeleteOptions, kind: Kind): Promise<CacheEntry> {
  return rewrite<Pod>(registry, { ...request, kind }, (pod, { metadata, status }) => {
    const refuse = (what: string, wanted: string, found: string): ApiError =>
      conflict({ group: '', resource: 'Pod' }, metadata.name, `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been ${what === 'UID' ? 'deleted and then recreated' : 'modified'}`)
    if (preconditions?.uid && preconditions.uid !== metadata.uid) throw refuse('UID', preconditions.uid, metadata.uid)
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== metadata.resourceVersion) throw refuse('ResourceVersion', preconditions.resourceVersion, metadata.resourceVersion)
    const before = findCondition(status.conditions, 'DisruptionTarget')
    const condition = {
      type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting', lastProbeTime: null,
      lastTransitionTime: before?.status === 'True' ? before.lastTransitionTime : request.now,
    }
    pod.status.conditions = [...(status.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget'), condition] as NonNullable<Pod['status']['conditions']>
  })
}

/** Pods that do not run, no longer run, or are on their way out disturb nobody. */
const isBeyondBudgets = ({ metadata, status }: Pod): boolean => metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status.phase ?? '')

const isReady = ({ status }: Pod): boolean => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false

function mayGoUnhealthy(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0
}

async function budgetsIn(registry: Registry, namespace: string) {
  const kind = registry.kinds.find('policy', 'v1', 'poddisruptionbudgets')!
  const cache = await cacheOf(registry, kind)
  return cache.select(readSelection(kind, namespace, '', '')).map((entry) => ({ kind, entry }))
}
type Budget = Awaited<ReturnType<typeof budgetsIn>>[number]

function budgetOf(pod: Pod, budgets: Budget[]): Budget | undefined {
  const matching = budgets.filter(({ kind, entry }) => matchesLabels(selectorOfObject((objectOf(kind.resource, entry) as PodDisruptionBudget).spec.selector), pod.metadata.labels))
  if (matching.length > 1) {
    throw new ApiError(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')
  }
  return matching[0]
}

async function take(registry: Registry, { kind, entry }: Budget, pod: Pod, request: EndpointCall['write']): Promise<CacheEntry> {
  return rewrite<PodDisruptionBudget>(registry, { ...request, kind }, (budget, { metadata, spec, status }) => {
    const named = { group: 'policy', resource: 'poddisruptionbudgets' }
    if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
      throw tooMany(`The disruption budget ${metadata.name} is still being processed by the server.`, 10)
    }
    if (status.disruptionsAllowed < 0) throw forbidden(named, metadata.name, 'pdb disruptions allowed is negative')
    if (Object.keys(status.disruptedPods ?? {}).length > maxDisruptedPods) {
      throw forbidden(named, metadata.name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
    }
    if (status.disruptionsAllowed === 0) {
      const what = spec.minAvailable === undefined && spec.maxUnavailable === undefined ? '' : `The disruption budget ${metadata.name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`
      throw tooMany(what, 0)
    }
    budget.status.disruptionsAllowed = status.disruptionsAllowed - 1
    if (budget.status.disruptionsAllowed === 0) {
      const others = (budget.status.conditions ?? []).filter(({ type }) => type !== 'DisruptionAllowed')
      const before = status.conditions?.find(({ type }) => type === 'DisruptionAllowed')
      budget.status.conditions = [...others, {
        type: 'DisruptionAllowed', status: 'False', observedGeneration: status.observedGeneration!, reason: 'InsufficientPods', message: '',
        lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : request.now,
      }]
    }
    budget.status.disruptedPods = { ...budget.status.disruptedPods, [pod.metadata.name]: request.now }
  }, { namespace: entry.namespace, name: entry.name })
}

const tooMany = (cause: string, retryAfterSeconds: number): ApiError =>
  new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message: cause }], ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  })
