import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ClusterRoleBinding } from './types'

export const clusterrolebindings = defineResource<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding', resource: 'clusterrolebindings', namespaced: false,
  versions: { 'rbac.authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ClusterRoleBinding') } },
  columns: [],
})
