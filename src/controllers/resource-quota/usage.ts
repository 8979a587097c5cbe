import type { ResourceQuota } from '#api/core/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { Quantity } from '#apimachinery/meta/v1/scalars'
import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from '#apimachinery/quantity'
import { scopesOf } from '#component-helpers/quota-usage'
import type { QuotaEvaluator } from '#component-helpers/quota-usage'
import type { ResourceList } from '#component-helpers/pod-totals'

/** The names of a quota's limits that are about one resource. */
export const namesCounted = ({ spec }: ResourceQuota, evaluator: QuotaEvaluator): string[] => Object.keys(spec?.hard ?? {}).filter((name) => evaluator.counts(name))

/** What objects use that are not on their way out: that does not depend on the time. */
const lasting = new WeakMap<KubeObject, ResourceList>()

function usageNow(evaluator: QuotaEvaluator, object: KubeObject, now: number): ResourceList {
  if (object.metadata.deletionTimestamp) return evaluator.usage(object, now)
  let usage = lasting.get(object)
  if (!usage) lasting.set(object, (usage = evaluator.usage(object, now)))
  return usage
}

const isCounted = (quota: ResourceQuota, evaluator: QuotaEvaluator, object: KubeObject): boolean => scopesOf(quota).every((scope) => evaluator.matchesScope(scope, object))

/** What one cached object uses of a quota, by `names`; nothing where the quota's scopes leave it out. `now` in milliseconds. */
export function usageOf(quota: ResourceQuota, evaluator: QuotaEvaluator, names: readonly string[], object: KubeObject, now: number): ResourceList {
  const used: ResourceList = {}
  if (!isCounted(quota, evaluator, object)) return used
  const usage = usageNow(evaluator, object, now)
  for (const name of names) if (usage[name] !== undefined) used[name] = usage[name]
  return used
}

/**
 * What all objects of one resource use of a quota: every name is there, with `0` where nothing is used. Most objects are
 * alike, so it is counted how often each amount comes up before anything is added.
 */
export function totalUsage(quota: ResourceQuota, evaluator: QuotaEvaluator, names: readonly string[], objects: readonly KubeObject[], now: number): ResourceList {
  const tallies = names.map((name) => ({ name, times: new Map<Quantity, number>() }))
  for (const object of objects) {
    if (!isCounted(quota, evaluator, object)) continue
    const usage = usageNow(evaluator, object, now)
    for (const { name, times } of tallies) {
      const amount = usage[name]
      if (amount !== undefined) times.set(amount, (times.get(amount) ?? 0) + 1)
    }
  }
  const total: ResourceList = {}
  for (const { name, times } of tallies) {
    let sum: Quantity = '0'
    for (const [amount, count] of times) {
      const parsed = parseQuantity(amount)
      sum = addQuantities(sum, formatQuantity({ ...parsed, mantissa: parsed.mantissa * BigInt(count) }))
    }
    total[name] = sum
  }
  return total
}

/** Whether two lists say the same, however they write it. */
export function sameAmounts(a: ResourceList | undefined, b: ResourceList | undefined): boolean {
  if (!a || !b) return a === b
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0)
}
