import { FieldErrors } from '#apimachinery/field-errors'
import { nameIsDnsSubdomain } from '#apimachinery/names'
import type { UserInfo } from '../authentication/authenticator'
import { readConfigFile } from '../config-file'
import type { RequestInfo } from '../request-info'
import { type Level, levels, type Stage, stages } from './event'

/** `audit.k8s.io/v1` Policy, as its file holds it. */
export interface Policy {
  readonly rules: readonly PolicyRule[]
  readonly omitStages?: readonly Stage[]
  readonly omitManagedFields?: boolean
}
export interface PolicyRule {
  readonly level: Level
  readonly users?: readonly string[]
  readonly userGroups?: readonly string[]
  readonly verbs?: readonly string[]
  readonly resources?: readonly { readonly group?: string; readonly resources?: readonly string[]; readonly resourceNames?: readonly string[] }[]
  readonly namespaces?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly omitStages?: readonly Stage[]
  readonly omitManagedFields?: boolean
}

/** What is recorded of one request. */
export interface Verdict {
  readonly level: Level
  readonly omitStages: ReadonlySet<Stage>
  readonly omitManagedFields: boolean
}

const fieldsOfRule = ['level', 'users', 'userGroups', 'verbs', 'resources', 'namespaces', 'nonResourceURLs', 'omitStages', 'omitManagedFields']
const fields = {
  '': ['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields'], 'rules[]': fieldsOfRule, 'rules[].resources[]': ['group', 'resources', 'resourceNames'],
}

/** Reads `--audit-policy-file`. Throws with what is wrong; unknown fields are warned about and left out, as in the original. */
export async function readPolicy(file: string, warn: (text: string) => void): Promise<Policy> {
  const { object } = await readConfigFile<Policy>('audit policy file', file, [{ apiVersion: 'audit.k8s.io/v1', kind: 'Policy' }], { fields, unknown: warn })
  const errors = new FieldErrors()
  validatePolicy(object, errors)
  if (errors.any) throw new Error(`loading audit policy file: ${errors.all.map(({ field, message }) => `${field}: ${message}`).join(', ')}: from file ${file}`)
  if (!object.rules?.length) throw new Error(`loading audit policy file: loaded illegal policy with 0 rules: from file ${file}`)
  return object
}

export function validatePolicy({ rules = [], omitStages }: Policy, errors: FieldErrors): void {
  checkStages(omitStages, errors.at('omitStages'))
  for (const [i, rule] of rules.entries()) {
    const at = errors.at('rules', i)
    if (!rule.level) at.at('level').required()
    else if (!levels.includes(rule.level)) at.at('level').notSupported(rule.level, levels)
    checkUrls(rule.nonResourceURLs ?? [], at.at('nonResourceURLs'))
    for (const { group = '', resources = [], resourceNames = [] } of rule.resources ?? []) {
      const problems = group === '' || group === '*' ? [] : nameIsDnsSubdomain(group, false)
      if (problems.length > 0) at.at('resources', 'group').invalid(group, problems.join(','))
      if (resourceNames.length > 0 && resources.length === 0) at.at('resources', 'resourceNames').invalid(resourceNames, 'using resourceNames requires at least one resource')
    }
    checkStages(rule.omitStages, at.at('omitStages'))
    if (rule.nonResourceURLs?.length && (rule.resources?.length || rule.namespaces?.length)) {
      at.at('nonResourceURLs').invalid(rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs')
    }
  }
}

function checkUrls(urls: readonly string[], errors: FieldErrors): void {
  for (const [i, url] of urls.entries()) {
    if (url === '*') continue
    if (!url.startsWith('/')) errors.at(i).invalid(url, "non-resource URL rules must begin with a '/' character")
    if (url.slice(0, -1).includes('*')) errors.at(i).invalid(url, "non-resource URL wildcards '*' must be the final character of the rule")
  }
}

function checkStages(given: readonly Stage[] = [], errors: FieldErrors): void {
  for (const [i, stage] of given.entries()) if (!stages.includes(stage)) errors.at(i).invalid(stage, `allowed stages are ${stages.join(',')}`)
}

/** What a policy says of a request: the first rule that matches; nothing is recorded where none does. */
export function evaluator(policy: Policy): (user: UserInfo | undefined, info: RequestInfo) => Verdict {
  const omitManagedFields = policy.omitManagedFields ?? false
  const verdicts = policy.rules.map((rule): Verdict => ({
    level: rule.level, omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]), omitManagedFields: rule.omitManagedFields ?? omitManagedFields,
  }))
  const nothing: Verdict = { level: 'None', omitStages: new Set(policy.omitStages), omitManagedFields }
  return (user, info) => {
    for (let i = 0; i < verdicts.length; i++) if (matches(policy.rules[i]!, user, info)) return verdicts[i]!
    return nothing
  }
}

const given = (list: readonly unknown[] | undefined): boolean => list !== undefined && list.length > 0

function matches(rule: PolicyRule, user: UserInfo | undefined, info: RequestInfo): boolean {
  if (given(rule.users) && !(user && rule.users!.includes(user.name))) return false
  if (given(rule.userGroups) && !user?.groups.some((group) => rule.userGroups!.includes(group))) return false
  if (given(rule.verbs) && !rule.verbs!.includes(info.verb)) return false
  if (given(rule.namespaces) || given(rule.resources)) return info.isResource && matchesResource(rule, info)
  if (given(rule.nonResourceURLs)) return !info.isResource && rule.nonResourceURLs!.some((url) => covers(url, info.path))
  return true
}

const covers = (url: string, path: string): boolean => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')))

function matchesResource({ namespaces, resources }: PolicyRule, { namespace, group, resource, subresource, name }: RequestInfo): boolean {
  if (given(namespaces) && !namespaces!.includes(namespace)) return false
  if (!given(resources)) return true
  const whole = subresource === '' ? resource : `${resource}/${subresource}`
  return resources!.some((one) => {
    if ((one.group ?? '') !== group && one.group !== '*') return false
    if (!given(one.resources)) return true
    if (given(one.resourceNames) && !one.resourceNames!.includes(name)) return false
    return one.resources!.some((wanted) => wanted === whole || wanted === '*' || (subresource !== '' && wanted === `*/${subresource}`) || wanted === `${resource}/*`)
  })
}
