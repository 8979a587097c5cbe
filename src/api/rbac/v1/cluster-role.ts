import { defineResource, schemaIn } from '#apimachinery/resource'
import { labelSelector } from '../../field-checks'
import { plainColumns } from '../../printing'
import { rbacName, validateRules } from './rbac-validation'
import type { ClusterRole } from './types'

export const clusterroles = defineResource<ClusterRole>({
  group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', resource: 'clusterroles', namespaced: false,
  versions: { 'rbac.authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ClusterRole') } },
  validateName: rbacName,
  allowCreateOnUpdate: true,

  validate({ rules, aggregationRule }, errors) {
    validateRules(rules, false, errors.at('rules'))
    if (!aggregationRule) return
    const selectors = aggregationRule.clusterRoleSelectors ?? []
    const at = errors.at('aggregationRule', 'clusterRoleSelectors')
    if (selectors.length === 0) at.required('at least one clusterRoleSelector required if aggregationRule is non-nil')
    for (const [i, selector] of selectors.entries()) {
      const before = errors.all.length
      labelSelector(at, i, selector)
      if (errors.all.length > before) at.at(i).invalid(null, 'invalid label selector.')
    }
  },
  columns: plainColumns,
})
