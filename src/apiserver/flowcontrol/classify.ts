import type { FlowSchemaSpec, NonResourcePolicyRule, ResourcePolicyRule, Subject } from '#api/flowcontrol/v1/types'
import type { UserInfo } from '../authentication/authenticator'
import type { RequestInfo } from '../request-info'

/** Whether a flow schema is about a request. */
export function matches(spec: FlowSchemaSpec, user: UserInfo, info: RequestInfo): boolean {
  // Empty lists are stored as null where the original has them so.
  return (spec.rules ?? []).some(({ subjects, resourceRules, nonResourceRules }) => {
    if (!subjects?.some((subject) => isSubject(subject, user))) return false
    return (info.isResource ? resourceRules?.some((rule) => coversResource(rule, info)) : nonResourceRules?.some((rule) => coversPath(rule, info))) ?? false
  })
}

function isSubject({ kind, user: named, group, serviceAccount: account }: Subject, user: UserInfo): boolean {
  if (kind === 'User') return named !== undefined && (named.name === '*' || named.name === user.name)
  if (kind === 'Group') return group !== undefined && (group.name === '*' || user.groups.includes(group.name))
  if (!account) return false
  const ofNamespace = `system:serviceaccount:${account.namespace}:`
  return account.name === '*' ? user.name.startsWith(ofNamespace) : user.name === ofNamespace + account.name
}

const holds = (list: readonly string[] | null | undefined, wanted: string): boolean => !!list && ((list.length === 1 && list[0] === '*') || list.includes(wanted))

function coversResource({ verbs, resources, apiGroups, clusterScope, namespaces }: ResourcePolicyRule, { verb, resource, subresource, group, namespace }: RequestInfo): boolean {
  if (!holds(verbs, verb) || !holds(resources, subresource === '' ? resource : `${resource}/${subresource}`) || !holds(apiGroups, group)) return false
  return namespace === '' ? clusterScope === true : holds(namespaces, namespace)
}

function coversPath({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: RequestInfo): boolean {
  return holds(verbs, verb) && nonResourceURLs.some((url) => {
    if (url === '*' || url === path) return true
    const prefix = url.replace(/\*$/, '')
    return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
  })
}
