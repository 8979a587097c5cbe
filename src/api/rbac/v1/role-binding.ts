import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { defaultSubjects, rbacName, subjectColumns, validateBinding, validateSameRole } from './rbac-validation'
import type { RoleBinding } from './types'

export const rolebindings = defineResource<RoleBinding>({
  group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding', resource: 'rolebindings', namespaced: true,
  versions: { 'rbac.authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'RoleBinding') } },
  validateName: rbacName,
  allowCreateOnUpdate: true,

  defaults: defaultSubjects,
  validate: (binding, errors) => validateBinding(binding, true, errors),
  validateUpdate: validateSameRole,

  columns: [nameColumn, column('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`), ageColumn, ...subjectColumns],
})
