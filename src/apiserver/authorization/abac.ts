import { readOnlyVerbs } from './verbs'
import type { UserInfo } from '../authentication/authenticator'
import { authenticatedGroup } from '../authentication/users'
import type { Attributes, Authorizer, Decision, RuleResolver } from './authorizer'

/** A line of `--authorization-policy-file`: who it is about, and what they may. `*` is everything. */
interface Policy {
  readonly user: string
  readonly group: string
  readonly readonly: boolean
  readonly apiGroup: string
  readonly resource: string
  readonly namespace: string
  readonly nonResourcePath: string
}

const fields = ['user', 'group', 'readonly', 'apiGroup', 'resource', 'namespace', 'nonResourcePath'] as const
const allow: Decision = { verdict: 'allow', reason: '' }
const none: Decision = { verdict: 'no-opinion', reason: 'No policy matched.' }

/**
 * `--authorization-mode=ABAC`: a file with a policy a line. Lines that say no version are of the oldest form, where what is left out means
 * everything.
 * @param file For messages.
 * @throws Error that names the line.
 */
export function abac(text: string, file: string): Authorizer & RuleResolver {
  const policies = text.split(/\r?\n/).flatMap((line, i) => (line.trim() === '' || line.trim().startsWith('#') ? [] : [readPolicy(line, file, i + 1)]))
  return {
    authorize: (attributes) => (policies.some((policy) => isAbout(policy, attributes.user) && allows(policy, attributes)) ? allow : none),
    rulesFor(user, namespace) {
      const mine = policies.filter((policy) => isAbout(policy, user) && (policy.namespace === '*' || policy.namespace === namespace))
      const verbs = (policy: Policy): string[] => (policy.readonly ? ['get', 'list', 'watch'] : ['*'])
      return {
        resourceRules: mine.filter(({ resource }) => resource !== '').map((policy) => ({ verbs: verbs(policy), apiGroups: [policy.apiGroup], resources: [policy.resource] })),
        nonResourceRules: mine.filter(({ nonResourcePath }) => nonResourcePath !== '').map((policy) => ({ verbs: verbs(policy), nonResourceURLs: [policy.nonResourcePath] })),
        incomplete: false,
      }
    },
  }
}

function readPolicy(line: string, file: string, number: number): Policy {
  const wrong = (why: string): Error => new Error(`error reading policy file ${file}, line ${number}: ${line}: ${why}`)
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw wrong((error as Error).message)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('must be an object')
  const { apiVersion, kind, spec } = value as { apiVersion?: unknown; kind?: unknown; spec?: unknown }
  const versioned = kind === 'Policy' && apiVersion === 'abac.authorization.kubernetes.io/v1beta1'
  if (!versioned && (apiVersion !== undefined || kind !== undefined)) throw wrong(`no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')}`)
  const given = (versioned ? (spec ?? {}) : value) as Record<string, unknown>
  for (const field of fields) {
    if (given[field] !== undefined && typeof given[field] !== (field === 'readonly' ? 'boolean' : 'string')) throw wrong(`${field} must be a ${field === 'readonly' ? 'boolean' : 'string'}`)
  }
  const policy: Policy = { user: '', group: '', readonly: false, apiGroup: '', resource: '', namespace: '', nonResourcePath: '', ...pick(given) }
  const everybody = policy.user === '*' || policy.group === '*' || (!versioned && policy.user === '' && policy.group === '')
  const subject = everybody ? { user: '', group: authenticatedGroup } : {}
  if (versioned) return { ...policy, ...subject }
  return {
    ...policy, ...subject, apiGroup: '*', namespace: policy.namespace || '*', resource: policy.resource || '*',
    nonResourcePath: policy.namespace === '' && policy.resource === '' ? '*' : '',
  }
}

const pick = (given: Record<string, unknown>): Partial<Policy> => Object.fromEntries(fields.flatMap((field) => (given[field] === undefined ? [] : [[field, given[field]]])))

function isAbout({ user, group }: Policy, { name, groups }: UserInfo): boolean {
  if (user === '' && group === '') return false
  return (user === '' || user === name) && (group === '' || groups.includes(group))
}

function allows({ readonly: readOnly, namespace, resource, apiGroup, nonResourcePath: path }: Policy, asked: Attributes): boolean {
  if (readOnly && !readOnlyVerbs.has(asked.verb)) return false
  const covers = (held: string, wanted: string): boolean => held === '*' || held === wanted
  if (asked.isResource) return covers(namespace, asked.namespace) && covers(resource, asked.resource) && covers(apiGroup, asked.group)
  return covers(path, asked.path) || (path.endsWith('*') && asked.path.startsWith(path.replace(/\*+$/, '')))
}
