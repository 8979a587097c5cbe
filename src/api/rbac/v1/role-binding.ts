import { defineResource, schemaIn } from '#apimachinery/resource'
import type { RoleBinding } from './types'

export const rolebindings = defineResource<RoleBinding>({
  group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding', resource: 'rolebindings', namespaced: true,
  versions: { 'rbac.authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'RoleBinding') } },
  columns: [],
})
