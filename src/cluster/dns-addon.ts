import { services } from '#api/core/v1/service'
import { serviceaccounts } from '#api/core/v1/service-account'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import type { Client } from '#client/client'
import { ensure } from './ensure'
import { dnsUser } from './identities'

const name = 'system:coredns'
const namespace = 'kube-system'

/** The objects that cluster DNS is known by: its account with what it may read, and the Service that pods ask. Made where they are missing. */
export async function ensureDnsObjects(client: Client, clusterIP: string): Promise<void> {
  const account = dnsUser.name.split(':').at(-1)!
  await ensure(client, serviceaccounts, { metadata: { name: account, namespace } })
  await ensure(client, clusterroles, {
    metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
    rules: [
      { apiGroups: [''], resources: ['services', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  })
  await ensure(client, clusterrolebindings, {
    metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })
  await ensure(client, services, {
    metadata: {
      name: 'kube-dns',
      namespace,
      labels: {
        'k8s-app': 'kube-dns',
        'kubernetes.io/cluster-service': 'true',
        'kubernetes.io/name': 'CoreDNS',
        // Every node answers on this address itself: the service proxy has nothing to do, and must not refuse it.
        'service.kubernetes.io/service-proxy-name': 'navarch-dns',
      },
    },
    spec: {
      clusterIP,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
  })
}
