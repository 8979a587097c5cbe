import type { FieldErrors } from '#apimachinery/field-errors'
import { isPathSegmentName } from '#apimachinery/names'
import { dnsSubdomain, report } from '../../field-checks'
import { wide } from '../../printing'
import type { KubeObject } from '#apimachinery/object'
import type { Column } from '#apimachinery/resource'
import type { PolicyRule, RoleRef, Subject } from './types'

export const rbacGroup = 'rbac.authorization.k8s.io'
export const rbacName = (name: string): string[] => isPathSegmentName(name)

export function validateRules(rules: readonly PolicyRule[] | undefined | null, namespaced: boolean, errors: FieldErrors): void {
  for (const [i, rule] of (rules ?? []).entries()) {
    const at = errors.at(i)
    if (!rule.verbs?.length) at.at('verbs').required('verbs must contain at least one value')
    if (rule.nonResourceURLs?.length) {
      if (namespaced) at.at('nonResourceURLs').invalid(rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs')
      if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
        at.at('nonResourceURLs').invalid(rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs')
      }
      continue
    }
    if (!rule.apiGroups?.length) at.at('apiGroups').required('resource rules must supply at least one api group')
    if (!rule.resources?.length) at.at('resources').required('resource rules must supply at least one resource')
  }
}

interface Binding extends KubeObject { subjects?: Subject[]; roleRef: RoleRef }

export function defaultSubjects({ subjects }: Binding): void {
  for (const subject of subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup
}

export function validateBinding({ roleRef, subjects }: Binding, namespaced: boolean, errors: FieldErrors): void {
  const at = errors.at('roleRef')
  if (roleRef.apiGroup !== rbacGroup) at.at('apiGroup').notSupported(roleRef.apiGroup, [rbacGroup])
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if (!kinds.includes(roleRef.kind)) at.at('kind').notSupported(roleRef.kind, kinds)
  if (!roleRef.name) at.at('name').required()
  else report(at, 'name', roleRef.name, rbacName(roleRef.name))
  for (const [i, subject] of (subjects ?? []).entries()) validateSubject(subject, namespaced, errors.at('subjects', i))
}

function validateSubject({ kind, apiGroup = '', name, namespace }: Subject, namespaced: boolean, errors: FieldErrors): void {
  if (!name) errors.at('name').required()
  if (kind === 'ServiceAccount') {
    if (name) dnsSubdomain(errors, 'name', name)
    if (apiGroup) errors.at('apiGroup').notSupported(apiGroup, [''])
    if (!namespaced && !namespace) errors.at('namespace').required()
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== rbacGroup) errors.at('apiGroup').notSupported(apiGroup, [rbacGroup])
  } else errors.at('kind').notSupported(kind, ['ServiceAccount', 'User', 'Group'])
}

/** What is allowed may change; to whom another role is given is another binding. */
export function validateSameRole({ roleRef }: Binding, old: Binding, errors: FieldErrors): void {
  const { apiGroup, kind, name } = roleRef
  if (apiGroup !== old.roleRef.apiGroup || kind !== old.roleRef.kind || name !== old.roleRef.name) {
    // The original prints its own structure here.
    errors.at('roleRef').invalid({ APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')
  }
}

const named = (subjects: readonly Subject[] | undefined, kind: string): readonly Subject[] => (subjects ?? []).filter((subject) => subject.kind === kind)

export const subjectColumns: readonly Column<Binding>[] = [
  wide('Users', ({ subjects }) => named(subjects, 'User').map((subject) => subject.name).join(', ')),
  wide('Groups', ({ subjects }) => named(subjects, 'Group').map((subject) => subject.name).join(', ')),
  wide('ServiceAccounts', ({ subjects }) => named(subjects, 'ServiceAccount').map(({ namespace, name }) => (namespace ? `${namespace}/${name}` : `/${name}`)).join(', ')),
]
