import type { Resource } from '#apimachinery/resource'
import type { AdmissionRequest, Operation } from '../plugin'

/** Every version in which a resource's objects are served. */
export const versionsOf = ({ versions, customResource }: Resource): Resource['versions'] => customResource?.conversion?.versions ?? versions

/** What a request is about, in one of the versions in which it could have been made. */
export interface Place {
  readonly group: string
  readonly version: string
  readonly resource: string
}

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

export const placeIn = (apiVersion: string, { resource }: { resource: string }): Place => ({ ...splitApiVersion(apiVersion), resource })

/** Subresources with a type of their own have it in every version of what they belong to. */
export function kindIn(apiVersion: string, { resource, subresource }: Pick<AdmissionRequest, 'resource' | 'subresource'>): GroupVersionKind {
  const own = subresource === '' ? undefined : resource.subresources[subresource]
  if (own?.sort === 'rest') return own.gvk
  if (own?.sort === 'scale') return { group: 'autoscaling', version: 'v1', kind: 'Scale' }
  return { ...splitApiVersion(apiVersion), kind: resource.kind }
}

/** Whether what is asked about is the resource's own object: only that is there in several versions. */
export function isOwnObject({ resource, subresource }: Pick<AdmissionRequest, 'resource' | 'subresource'>): boolean {
  return subresource === '' || resource.subresources[subresource]?.sort === 'object'
}

/** A rule of a webhook or policy; policies may name objects. */
export interface Rule {
  readonly operations?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly scope?: string
}

const has = (list: readonly string[] | undefined, value: string): boolean => list !== undefined && (list.includes(value) || list.includes('*'))

/** Whether one rule takes an operation on a place. Names are another matter. */
export function ruleMatches(rule: Rule, operation: Operation, place: Place, subresource: string, namespaced: boolean): boolean {
  if (rule.scope === 'Namespaced' ? !namespaced : rule.scope === 'Cluster' ? namespaced : rule.scope !== undefined && rule.scope !== '*') return false
  if (!has(rule.operations, operation) || !has(rule.apiGroups, place.group) || !has(rule.apiVersions, place.version)) return false
  for (const one of rule.resources ?? []) {
    const slash = one.indexOf('/')
    const [resource, below] = slash < 0 ? [one, ''] : [one.slice(0, slash), one.slice(slash + 1)]
    if ((resource === '*' || resource === place.resource) && (below === '*' || below === subresource)) return true
  }
  return false
}

/**
 * The apiVersion in which rules ask for a request, the one that it was made in first; undefined: they do not. With `Equivalent`
 * the other versions of the same objects count too.
 */
export function versionFor(rules: readonly Rule[], matchPolicy: string | undefined, request: AdmissionRequest): string | undefined {
  const { kind, resource, operation, subresource, name } = request
  const takes = (rule: Rule, place: Place): boolean =>
    ruleMatches(rule, operation, place, subresource, resource.namespaced) && (!rule.resourceNames?.length || rule.resourceNames.includes(name))
  const asked = { group: kind.group, version: kind.version, resource: resource.resource }
  for (const rule of rules) if (takes(rule, asked)) return kind.apiVersion
  if (matchPolicy !== 'Equivalent') return undefined
  for (const rule of rules) {
    for (const apiVersion in versionsOf(resource as Resource)) if (apiVersion !== kind.apiVersion && takes(rule, placeIn(apiVersion, resource))) return apiVersion
  }
  return undefined
}

const guards = new Set([
  'validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings',
])

/** Webhooks and policies are never asked about themselves: nobody could take back a broken one. */
export const isGuard = ({ group, resource }: Pick<Resource, 'group' | 'resource'>): boolean => group === 'admissionregistration.k8s.io' && guards.has(resource)

/** The original gives the objects of namespaces themselves as their namespace. */
export function namespaceOf({ resource, namespace, name }: AdmissionRequest): string {
  return resource.resource === 'namespaces' && resource.group === '' ? name : resource.namespaced ? namespace : ''
}
