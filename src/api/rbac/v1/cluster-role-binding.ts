import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { defaultSubjects, rbacName, subjectColumns, validateBinding, validateSameRole } from './rbac-validation'
import type { ClusterRoleBinding } from './types'

export const clusterrolebindings = defineResource<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding', resource: 'clusterrolebindings', namespaced: false,
  versions: { 'rbac.authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ClusterRoleBinding') } },
  validateName: rbacName,
  allowCreateOnUpdate: true,

  defaults: defaultSubjects,
  validate: (binding, errors) => validateBinding(binding, false, errors),
  validateUpdate: validateSameRole,

  columns: [nameColumn, column('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`), ageColumn, ...subjectColumns],
})
