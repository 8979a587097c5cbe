import { defineResource, schemaIn } from '#apimachinery/resource'
import type { Role } from './types'

export const roles = defineResource<Role>({
  group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', resource: 'roles', namespaced: true,
  versions: { 'rbac.authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'Role') } },
  columns: [],
})
