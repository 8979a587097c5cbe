import type { UserInfo } from './authenticator'

export const anonymousName = 'system:anonymous'
export const authenticatedGroup = 'system:authenticated'
export const unauthenticatedGroup = 'system:unauthenticated'
/** Members may do everything; no authorizer is asked. */
export const mastersGroup = 'system:masters'
export const nodesGroup = 'system:nodes'
const serviceAccountPrefix = 'system:serviceaccount:'
const nodePrefix = 'system:node:'

export const anonymousUser: UserInfo = { name: anonymousName, groups: [unauthenticatedGroup] }
/** The server itself, and the parts of the cluster that share its process. */
export const loopbackUser: UserInfo = { name: 'system:apiserver', groups: [mastersGroup, authenticatedGroup] }

export const serviceAccountUser = (namespace: string, name: string): string => `${serviceAccountPrefix}${namespace}:${name}`
export const serviceAccountGroups = (namespace: string): string[] => ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** Undefined for every user that is no service account. */
export function serviceAccountOf(user: string): { namespace: string; name: string } | undefined {
  if (!user.startsWith(serviceAccountPrefix)) return undefined
  const [namespace = '', name = '', ...more] = user.slice(serviceAccountPrefix.length).split(':')
  return more.length === 0 && label.test(namespace) && name.length <= 253 && subdomain.test(name) ? { namespace, name } : undefined
}

/** The node that a user is the kubelet of: `system:node:n1` in the group `system:nodes`. */
export function nodeOf(user: UserInfo): string | undefined {
  return user.name.startsWith(nodePrefix) && user.groups.includes(nodesGroup) ? user.name.slice(nodePrefix.length) : undefined
}
