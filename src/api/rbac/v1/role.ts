import { defineResource, schemaIn } from '#apimachinery/resource'
import { plainColumns } from '../../printing'
import { rbacName, validateRules } from './rbac-validation'
import type { Role } from './types'

export const roles = defineResource<Role>({
  group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', resource: 'roles', namespaced: true,
  versions: { 'rbac.authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'Role') } },
  validateName: rbacName,
  allowCreateOnUpdate: true,

  validate: ({ rules }, errors) => validateRules(rules, true, errors.at('rules')),
  columns: plainColumns,
})
