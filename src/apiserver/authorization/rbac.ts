import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject } from '#api/rbac/v1/types'
import type { Informer } from '#client/informer'
import type { UserInfo } from '../authentication/authenticator'
import { serviceAccountOf } from '../authentication/users'
import type { Attributes, Authorizer, Decision, RuleResolver } from './authorizer'
import { ruleAllows } from './rules'

type View<T extends Role | RoleBinding | ClusterRole | ClusterRoleBinding> = Pick<Informer<T>, 'get' | 'by' | 'index'>

/** Where the policy is read: in-process informers, so that a decision never waits. */
export interface RbacSource {
  readonly roles: View<Role>
  readonly roleBindings: View<RoleBinding>
  readonly clusterRoles: View<ClusterRole>
  readonly clusterRoleBindings: View<ClusterRoleBinding>
}

export interface PolicyRules {
  readonly rules: readonly PolicyRule[]
  /** What could not be looked at: bindings to roles that are not there. */
  readonly errors: readonly string[]
}

export interface Rbac extends Authorizer, RuleResolver {
  authorize(attributes: Attributes): Decision
  /** Every rule that a user holds in a namespace; `''`: in the whole cluster. */
  policyRules(user: UserInfo, namespace: string): PolicyRules
  /** The rules of a role; undefined: there is none. */
  rulesOf(reference: RoleRef, namespace: string): readonly PolicyRule[] | undefined
}

/** Bindings are found by their subjects: `u:alice`, `g:system:masters`, `s:default/builder`; in a namespace after its name. */
const bySubject = 'rbac.authorization.k8s.io/subject'
const nothing: readonly PolicyRule[] = []
const noOpinion: Decision = { verdict: 'no-opinion', reason: '' }

/** Role-based access control: who is bound, in the cluster or in the request's namespace, to a role whose rules allow it. */
export function rbac(source: RbacSource): Rbac {
  const { roles, roleBindings, clusterRoles, clusterRoleBindings } = source
  clusterRoleBindings.index(bySubject, ({ subjects = [] }) => subjects.map((subject) => keyOfSubject(subject, '')))
  roleBindings.index(bySubject, ({ metadata: { namespace = '' }, subjects = [] }) => subjects.map((subject) => `${namespace}/${keyOfSubject(subject, namespace)}`))

  const rulesOf = ({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | undefined => {
    const role = kind === 'ClusterRole' ? clusterRoles.get(name) : kind === 'Role' ? roles.get(`${namespace}/${name}`) : undefined
    return role && (role.rules ?? nothing)
  }

  /** Calls `visit` with the rules of each binding until it says true; bindings of several subjects may come again. */
  const visit = (user: UserInfo, namespace: string, look: (binding: ClusterRoleBinding | RoleBinding, rules: readonly PolicyRule[] | undefined, key: string) => boolean): void => {
    const keys = keysOfUser(user)
    for (const key of keys) {
      for (const binding of clusterRoleBindings.by(bySubject, key)) if (look(binding, rulesOf(binding.roleRef, ''), key)) return
    }
    if (namespace === '') return
    for (const key of keys) {
      for (const binding of roleBindings.by(bySubject, `${namespace}/${key}`)) if (look(binding, rulesOf(binding.roleRef, namespace), key)) return
    }
  }

  const policyRules = (user: UserInfo, namespace: string): PolicyRules => {
    const rules: PolicyRule[] = []
    const errors = new Set<string>()
    const seen = new Set<unknown>()
    visit(user, namespace, (binding, found) => {
      if (seen.has(binding)) return false
      seen.add(binding)
      if (found) rules.push(...found)
      else errors.add(missing(binding.roleRef))
      return false
    })
    return { rules, errors: [...errors] }
  }

  return {
    rulesOf,
    policyRules,
    authorize(attributes) {
      let decision: Decision | undefined
      let errors: Set<string> | undefined
      visit(attributes.user, attributes.namespace, (binding, rules, key) => {
        if (!rules) {
          ;(errors ??= new Set()).add(missing(binding.roleRef))
          return false
        }
        for (const rule of rules) {
          if (!ruleAllows(rule, attributes)) continue
          decision = allowedBy(binding, key)
          return true
        }
        return false
      })
      if (decision) return decision
      return errors ? { verdict: 'no-opinion', reason: `RBAC: ${aggregate([...errors])}` } : noOpinion
    },
    rulesFor(user, namespace) {
      const { rules, errors } = policyRules(user, namespace)
      return {
        resourceRules: rules.filter((rule) => rule.resources?.length).map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs, ...(apiGroups ? { apiGroups } : {}), ...(resources ? { resources } : {}), ...(resourceNames ? { resourceNames } : {}),
        })),
        nonResourceRules: rules.filter((rule) => rule.nonResourceURLs?.length).map(({ verbs, nonResourceURLs }) => ({ verbs, ...(nonResourceURLs ? { nonResourceURLs } : {}) })),
        incomplete: false,
        ...(errors.length > 0 ? { evaluationError: aggregate(errors) } : {}),
      }
    },
  }
}

export const aggregate = (errors: readonly string[]): string => (errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`)
const missing = ({ kind, name }: RoleRef): string => `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`

function keysOfUser({ name, groups }: UserInfo): string[] {
  const account = serviceAccountOf(name)
  const keys = [`u:${name}`]
  if (account) keys.push(`s:${account.namespace}/${account.name}`)
  for (const group of groups) keys.push(`g:${group}`)
  return keys
}

function keyOfSubject({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind === 'User') return `u:${name}`
  if (kind === 'Group') return `g:${name}`
  return `s:${namespace || bindingNamespace}/${name}`
}

/** Made once a binding and subject: the same decision is given again and again. */
const decisions = new WeakMap<object, Map<string, Decision>>()

function allowedBy(binding: ClusterRoleBinding | RoleBinding, key: string): Decision {
  let known = decisions.get(binding)
  if (!known) decisions.set(binding, (known = new Map()))
  let decision = known.get(key)
  if (!decision) {
    const { kind, metadata, roleRef, subjects = [] } = binding
    const namespace = metadata.namespace ?? ''
    const subject = subjects.find((candidate) => keyOfSubject(candidate, namespace) === key)!
    const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || namespace}` : subject.name
    const name = namespace ? `${metadata.name}/${namespace}` : metadata.name
    const what = `${kind ?? (namespace ? 'RoleBinding' : 'ClusterRoleBinding')} ${JSON.stringify(name)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)}`
    decision = { verdict: 'allow', reason: `RBAC: allowed by ${what} to ${subject.kind} ${JSON.stringify(who)}` }
    known.set(key, decision)
  }
  return decision
}
