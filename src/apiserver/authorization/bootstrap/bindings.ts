import type { PolicyRule, Subject } from '#api/rbac/v1/types'
import { allow, group, serviceAccount, user } from './rule'

/** ClusterRoleBindings by name; each binds the ClusterRole of the same name unless it says another. */
export const clusterBindings: Readonly<Record<string, { readonly role?: string; readonly subjects: readonly Subject[] }>> = {
  'cluster-admin': { subjects: [group('system:masters')] },
  'system:basic-user': { subjects: [group('system:authenticated')] },
  'system:discovery': { subjects: [group('system:authenticated')] },
  'system:kube-controller-manager': { subjects: [user('system:kube-controller-manager')] },
  'system:kube-dns': { subjects: [serviceAccount('kube-system', 'kube-dns')] },
  'system:kube-scheduler': { subjects: [user('system:kube-scheduler')] },
  'system:monitoring': { subjects: [group('system:monitoring')] },
  'system:node': { subjects: [] },
  'system:node-proxier': { subjects: [user('system:kube-proxy')] },
  'system:public-info-viewer': { subjects: [group('system:authenticated'), group('system:unauthenticated')] },
  'system:service-account-issuer-discovery': { subjects: [group('system:serviceaccounts')] },
  'system:volume-scheduler': { subjects: [user('system:kube-scheduler')] },
}

export interface NamespacedPolicy {
  readonly namespace: string
  readonly name: string
}

/** Roles within kube-system and kube-public. */
export const namespacedRoles: readonly (NamespacedPolicy & { readonly rules: readonly PolicyRule[] })[] = [
  {
    namespace: 'kube-public', name: 'system:controller:bootstrap-signer',
    rules: [
      allow('get list watch', 'core', 'configmaps'),
      allow('update', 'core', 'configmaps', 'cluster-info'),
      allow('create patch update', 'core events.k8s.io', 'events'),
    ],
  },
  {
    namespace: 'kube-system', name: 'extension-apiserver-authentication-reader',
    rules: [
      allow('get list watch', 'core', 'configmaps', 'extension-apiserver-authentication'),
    ],
  },
  {
    namespace: 'kube-system', name: 'system::leader-locking-kube-controller-manager',
    rules: [
      allow('create get list update watch', 'coordination.k8s.io', 'leases'),
      allow('create get list update watch', 'coordination.k8s.io', 'leasecandidates'),
    ],
  },
  {
    namespace: 'kube-system', name: 'system::leader-locking-kube-scheduler',
    rules: [
      allow('create get list update watch', 'coordination.k8s.io', 'leases'),
      allow('create get list update watch', 'coordination.k8s.io', 'leasecandidates'),
    ],
  },
  {
    namespace: 'kube-system', name: 'system:controller:bootstrap-signer',
    rules: [
      allow('get list watch', 'core', 'secrets'),
    ],
  },
  {
    namespace: 'kube-system', name: 'system:controller:cloud-provider',
    rules: [
      allow('create get list watch', 'core', 'configmaps'),
    ],
  },
  {
    namespace: 'kube-system', name: 'system:controller:token-cleaner',
    rules: [
      allow('delete get list watch', 'core', 'secrets'),
      allow('create patch update', 'core events.k8s.io', 'events'),
    ],
  },
]

/** Their bindings; the role has the binding's name unless it says another. */
export const namespacedBindings: readonly (NamespacedPolicy & { readonly role?: string; readonly subjects: readonly Subject[] })[] = [
  { namespace: 'kube-public', name: 'system:controller:bootstrap-signer', subjects: [serviceAccount('kube-system', 'bootstrap-signer')] },
  { namespace: 'kube-system', name: 'system::extension-apiserver-authentication-reader', role: 'extension-apiserver-authentication-reader', subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')] },
  { namespace: 'kube-system', name: 'system::leader-locking-kube-controller-manager', subjects: [user('system:kube-controller-manager'), serviceAccount('kube-system', 'kube-controller-manager'), serviceAccount('kube-system', 'leader-election-controller')] },
  { namespace: 'kube-system', name: 'system::leader-locking-kube-scheduler', subjects: [user('system:kube-scheduler'), serviceAccount('kube-system', 'kube-scheduler')] },
  { namespace: 'kube-system', name: 'system:controller:bootstrap-signer', subjects: [serviceAccount('kube-system', 'bootstrap-signer')] },
  { namespace: 'kube-system', name: 'system:controller:cloud-provider', subjects: [serviceAccount('kube-system', 'cloud-provider')] },
  { namespace: 'kube-system', name: 'system:controller:token-cleaner', subjects: [serviceAccount('kube-system', 'token-cleaner')] },
]
