import type { ResourceQuota } from '#api/core/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { compareQuantities } from '#apimachinery/quantity'
import { addUsage, scopesOf } from '#component-helpers/quota-usage'
import type { QuotaEvaluator } from '#component-helpers/quota-usage'
import type { ResourceList } from '#component-helpers/pod-totals'

/** The names of a quota's limits that are about one resource. */
export const namesCounted = ({ spec }: ResourceQuota, evaluator: QuotaEvaluator): string[] => Object.keys(spec?.hard ?? {}).filter((name) => evaluator.counts(name))

/** What one object uses of a quota, by `names`; nothing where the quota's scopes leave it out. `now` in milliseconds. */
export function usageOf(quota: ResourceQuota, evaluator: QuotaEvaluator, names: readonly string[], object: unknown, now: number): ResourceList {
  for (const scope of scopesOf(quota)) if (!evaluator.matchesScope(scope, object)) return {}
  const usage = evaluator.usage(object, now)
  const used: ResourceList = {}
  for (const name of names) if (usage[name] !== undefined) used[name] = usage[name]
  return used
}

/** What all objects of one resource use of a quota: every name is there, with `0` where nothing is used. */
export function totalUsage(quota: ResourceQuota, evaluator: QuotaEvaluator, names: readonly string[], objects: readonly KubeObject[], now: number): ResourceList {
  let total: ResourceList = {}
  for (const name of names) total[name] = '0'
  for (const object of objects) total = addUsage(total, usageOf(quota, evaluator, names, object, now))
  return total
}

/** Whether two lists say the same, however they write it. */
export function sameAmounts(a: ResourceList | undefined, b: ResourceList | undefined): boolean {
  if (!a || !b) return a === b
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0)
}
