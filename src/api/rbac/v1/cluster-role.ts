import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ClusterRole } from './types'

export const clusterroles = defineResource<ClusterRole>({
  group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', resource: 'clusterroles', namespaced: false,
  versions: { 'rbac.authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ClusterRole') } },
  columns: [],
})
