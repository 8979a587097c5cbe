import type { UserInfo } from '#apiserver/authentication/authenticator'

/** Who the parts of a cluster are to the API: the names that the bootstrap policy gives rights to. */

/** The API server itself. */
export const apiserverUser: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] }
/** Whoever brought the cluster up. */
export const adminUser: UserInfo = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
export const controllerManagerUser: UserInfo = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] }
export const schedulerUser: UserInfo = { name: 'system:kube-scheduler', groups: ['system:authenticated'] }
export const proxyUser: UserInfo = { name: 'system:kube-proxy', groups: ['system:node-proxier', 'system:authenticated'] }
export const dnsUser: UserInfo = serviceAccountUser('kube-system', 'coredns')

export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return { name: `system:serviceaccount:${namespace}:${name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] }
}

export function nodeUser(name: string): UserInfo {
  return { name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] }
}

/** Nodes that are not known yet, as kubeadm's bootstrap tokens make them. */
export const bootstrapGroup = 'system:bootstrappers:kubeadm:default-node-token'
export const bootstrapUser: UserInfo = { name: 'system:bootstrap:navarch', groups: ['system:bootstrappers', bootstrapGroup, 'system:authenticated'] }
