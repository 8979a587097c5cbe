import type { PolicyRule } from '#api/rbac/v1/types'
import type { Attributes } from './authorizer'

/** Whether a rule alone allows a request. */
export function ruleAllows(rule: PolicyRule, { isResource, verb, group, resource, subresource, name, path }: Attributes): boolean {
  if (!rule.verbs?.includes('*') && !rule.verbs?.includes(verb)) return false
  if (!isResource) return rule.nonResourceURLs?.some((url) => urlCovers(url, path)) ?? false
  const { apiGroups, resources, resourceNames } = rule
  if (!apiGroups || !resources) return false
  if (!apiGroups.includes(group) && !apiGroups.includes('*')) return false
  if (resourceNames && resourceNames.length > 0 && !resourceNames.includes(name)) return false
  if (resources.includes('*')) return true
  return subresource === '' ? resources.includes(resource) : resources.includes(`${resource}/${subresource}`) || resources.includes(`*/${subresource}`)
}

function urlCovers(rule: string, path: string): boolean {
  return rule === '*' || rule === path || (rule.endsWith('*') && path.startsWith(rule.replace(/\*+$/, '')))
}

/** What of `wanted` is not covered by `held`, in the smallest rules. */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((rule) => !held.some((owner) => covers(owner, rule)))
}

/** The whole rules of `wanted` that `held` does not cover entirely. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.filter((rule) => uncovered(held, [rule]).length > 0)
}

/** Rules of one verb and one group, resource and name, or one URL. */
function breakDown({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): PolicyRule[] {
  const small: PolicyRule[] = []
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs ?? []) {
        const rule = { verbs: [verb], apiGroups: [group], resources: [resource] }
        if (resourceNames.length === 0) small.push(rule)
        else for (const name of resourceNames) small.push({ ...rule, resourceNames: [name] })
      }
    }
  }
  for (const url of nonResourceURLs) for (const verb of verbs ?? []) small.push({ verbs: [verb], nonResourceURLs: [url] })
  return small
}

/** `small` is one of `breakDown`. A `*` that is asked for is only covered by a `*`. */
function covers(owner: PolicyRule, small: PolicyRule): boolean {
  const has = (list: readonly string[] | undefined, value: string | undefined): boolean => value === undefined || (list ?? []).includes('*') || (list ?? []).includes(value)
  const resource = small.resources?.[0]
  const slash = resource?.indexOf('/') ?? -1
  const coversResource = has(owner.resources, resource) || (slash > 0 && (owner.resources ?? []).includes(`*${resource!.slice(slash)}`))
  const url = small.nonResourceURLs?.[0]
  const coversUrl = url === undefined || (owner.nonResourceURLs ?? []).some((held) => held === url || (held.endsWith('*') && url.startsWith(held.replace(/\*+$/, ''))))
  const names = owner.resourceNames ?? []
  const coversName = names.length === 0 || (small.resourceNames !== undefined && names.includes(small.resourceNames[0]!))
  return has(owner.verbs, small.verbs[0]) && has(owner.apiGroups, small.apiGroups?.[0]) && coversResource && coversUrl && coversName
}

/** Lines for people, sorted: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. Rules that differ by verb alone become one. */
export function describeRules(rules: readonly PolicyRule[]): string[] {
  const byTarget = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const target = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames, rule.nonResourceURLs, rule.nonResourceURLs && rule.verbs])
    const known = byTarget.get(target)
    byTarget.set(target, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule)
  }
  return [...new Set([...byTarget.values()].map(describe))].sort()
}

function describe(rule: PolicyRule): string {
  const part = (name: string, values: readonly string[] | undefined): string[] => (values && values.length > 0 ? [`${name}:${quoteAll(values)}`] : [])
  return `{${[
    ...part('APIGroups', rule.apiGroups), ...part('Resources', rule.resources), ...part('NonResourceURLs', rule.nonResourceURLs),
    ...part('ResourceNames', rule.resourceNames), ...part('Verbs', rule.verbs),
  ].join(', ')}}`
}

/** `["a" "b"]`, as the original prints lists. */
export const quoteAll = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`
