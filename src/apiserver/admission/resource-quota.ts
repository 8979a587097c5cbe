import { resourcequotas } from '#api/core/v1/resource-quota'
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '#api/core/v1/types'
import { ApiError, isConflict, isNotFound } from '#apimachinery/api-error'
import { canonicalQuantity, compareQuantities, quantitySign, subtractQuantities } from '#apimachinery/quantity'
import type { Clock } from '#base/clock'
import { createKeyedSerial } from '#base/keyed-serial'
import type { Client } from '#client/client'
import type { ResourceList } from '#component-helpers/pod-totals'
import { addUsage, quotaEvaluator, scopesOf } from '#component-helpers/quota-usage'
import type { QuotaEvaluator } from '#component-helpers/quota-usage'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { refuse } from './refuse'

/** What may be used only where a quota covers it: `--admission-control-config-file`. */
export interface LimitedResource {
  readonly apiGroup?: string
  readonly resource: string
  /** Names of what is used that hold one of these texts: `requests.storage`. */
  readonly matchContains?: readonly string[]
  readonly matchScopes?: readonly ScopedResourceSelectorRequirement[]
}

/** Quota that another server charges at the same moment is read again this often before the write is given up. */
const attempts = 4

/**
 * Charges a write to the quotas of its namespace before it is made, so that two that would fit only one after another are
 * not both let in; the quota controller puts right what was charged for a write that failed afterwards.
 */
export function resourceQuota(
  { objects, client, clock, limitedResources = [] }: { objects: ObjectReader; client: Client; clock: Pick<Clock, 'now'>; limitedResources?: readonly LimitedResource[] },
): AdmissionPlugin {
  /** What was charged here last, by uid: newer than memory for a moment. */
  const charged = new Map<string, ResourceQuota>()
  /** Charges of one namespace wait for each other. */
  const queues = createKeyedSerial()

  const newest = (quota: ResourceQuota): ResourceQuota => {
    const own = charged.get(quota.metadata.uid)
    if (!own) return quota
    if (Number(own.metadata.resourceVersion) > Number(quota.metadata.resourceVersion)) return own
    charged.delete(quota.metadata.uid)
    return quota
  }

  const charge = async (request: AdmissionRequest, evaluator: QuotaEvaluator): Promise<void> => {
    let quotas = objects.list(resourcequotas, request.namespace).map(newest)
    for (let attempt = 1; ; attempt++) {
      const charges = check(request, evaluator, quotas, clock.now(), limitedResources)
      if (charges.length === 0 || request.dryRun) return
      try {
        for (const { quota, used } of charges) {
          const written = await client.update<ResourceQuota>(resourcequotas, { ...quota, status: { ...quota.status, used } }, { subresource: 'status' })
          charged.set(written.metadata.uid, written)
        }
        return
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error
        if (attempt === attempts) throw refuse(request, `quota of namespace ${request.namespace} is changing too fast: try again`)
        const live = await Promise.all(quotas.map(({ metadata }) => objects.live(resourcequotas, metadata)))
        quotas = live.filter((quota) => quota !== undefined)
      }
    }
  }

  return {
    name: 'ResourceQuota',
    handles: (operation, resource) => (operation === 'CREATE' || operation === 'UPDATE') && resource.namespaced,
    validate(request) {
      const { namespace, operation, subresource, object, old, resource } = request
      if (limitedResources.length === 0 && objects.list(resourcequotas, namespace).length === 0) return
      const evaluator = quotaEvaluator(resource)
      if (!evaluator.handles(operation, subresource, object, old)) return
      return queues.run(namespace, () => charge(request, evaluator))
    },
  }
}

interface Charge {
  readonly quota: ResourceQuota
  /** What will be used with this write. */
  readonly used: ResourceList
}

/** What must be charged to which quota. Throws when one would be exceeded. */
function check(request: AdmissionRequest, evaluator: QuotaEvaluator, quotas: readonly ResourceQuota[], now: number, limited: readonly LimitedResource[]): Charge[] {
  const { object, old, operation } = request
  const usage = evaluator.usage(object, now)
  const negative = Object.keys(usage).filter((name) => quantitySign(usage[name]!) < 0)
  if (negative.length > 0) throw refuse(request, `quota usage is negative for resource(s): ${negative.sort().join(',')}`)
  if (limited.length > 0) checkCovered(request, evaluator, quotas, usage, limited, now)
  const charges: Charge[] = []
  for (const quota of quotas) {
    const hard = quota.status?.hard ?? {}
    const used = quota.status?.used ?? {}
    const names = Object.keys(hard).filter((name) => evaluator.counts(name)).sort()
    const matches = (candidate: unknown): boolean => scopesOf(quota).every((scope) => evaluator.matchesScope(scope, candidate))
    if (names.length === 0 || !matches(object)) continue
    const missing = evaluator.missing?.(names, object)
    if (missing) throw refuse(request, `failed quota: ${quota.metadata.name}: ${missing}`)
    const unknown = names.some((name) => used[name] === undefined)
    if (unknown) throw refuse(request, `status unknown for quota: ${quota.metadata.name}, resources: ${names.join(',')}`)
    const delta = operation === 'UPDATE' && old?.metadata.resourceVersion && matches(old) ? increase(usage, evaluator.usage(old, now)) : usage
    const asked = pick(delta, names.filter((name) => delta[name] !== undefined && quantitySign(delta[name]) > 0))
    if (Object.keys(asked).length === 0) continue
    const total = addUsage(used, asked)
    const exceeded = Object.keys(asked).filter((name) => compareQuantities(total[name]!, hard[name]!) > 0)
    if (exceeded.length > 0) {
      const show = (list: ResourceList): string => exceeded.map((name) => `${name}=${canonicalQuantity(list[name]!)}`).join(',')
      throw refuse(request, `exceeded quota: ${quota.metadata.name}, requested: ${show(asked)}, used: ${show(used)}, limited: ${show(hard)}`)
    }
    charges.push({ quota, used: total })
  }
  return charges
}

/** Refuses what is limited by default and in no quota. */
function checkCovered(request: AdmissionRequest, evaluator: QuotaEvaluator, quotas: readonly ResourceQuota[], usage: ResourceList, limited: readonly LimitedResource[], now: number): void {
  const { object, old, resource: { group, resource } } = request
  const delta = request.operation === 'UPDATE' && old?.metadata.resourceVersion ? increase(usage, evaluator.usage(old, now)) : usage
  if (Object.values(delta).every((quantity) => quantitySign(quantity) === 0)) return
  const mine = limited.filter((one) => (one.apiGroup ?? '') === group && one.resource === resource)
  const names = Object.keys(usage).filter((name) => quantitySign(usage[name]!) > 0 && mine.some(({ matchContains = [] }) => matchContains.some((part) => name.includes(part))))
  const pertinent = quotas.filter((quota) => scopesOf(quota).every((scope) => evaluator.matchesScope(scope, object)))
  const covered = new Set(pertinent.flatMap(({ status }) => Object.keys(status?.hard ?? {}).filter((name) => evaluator.counts(name))))
  const uncovered = names.filter((name) => !covered.has(name)).sort()
  if (uncovered.length > 0) throw refuse(request, `insufficient quota to consume: ${uncovered.join(',')}`)
  const scopes = limited.flatMap(({ matchScopes = [] }) => matchScopes).filter((scope) => evaluator.matchesScope(scope, object))
  const restricted = new Set(quotas.flatMap((quota) => scopesOf(quota).filter((scope) => evaluator.matchesScope(scope, object)).map(({ scopeName }) => scopeName)))
  const open = scopes.filter(({ scopeName }) => !restricted.has(scopeName))
  if (open.length > 0) throw new ApiError(500, '', `insufficient quota to match these scopes: [${open.map(({ scopeName, operator, values = [] }) => `{${scopeName} ${operator} [${values.join(' ')}]}`).join(' ')}]`)
}

const pick = (list: ResourceList, names: readonly string[]): ResourceList => Object.fromEntries(names.map((name) => [name, list[name]!]))

function increase(now: ResourceList, before: ResourceList): ResourceList {
  const more: ResourceList = {}
  for (const [name, quantity] of Object.entries(now)) {
    const difference = before[name] === undefined ? quantity : subtractQuantities(quantity, before[name])
    if (quantitySign(difference) > 0) more[name] = difference
  }
  return more
}
