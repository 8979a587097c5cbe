import { defineResource, schemaIn } from '#apimachinery/resource'
import type { SelfSubjectRulesReview } from './types'

export const selfsubjectrulesreviews = defineResource<SelfSubjectRulesReview>({
  group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectRulesReview', resource: 'selfsubjectrulesreviews', namespaced: false,
  verbs: ['create'],
  versions: { 'authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'SelfSubjectRulesReview') } },
  columns: [],
})
