import { defineResource, schemaIn } from '#apimachinery/resource'
import type { SelfSubjectReview } from './types'

export const selfsubjectreviews = defineResource<SelfSubjectReview>({
  group: 'authentication.k8s.io', version: 'v1', kind: 'SelfSubjectReview', resource: 'selfsubjectreviews', namespaced: false,
  verbs: ['create'],
  versions: { 'authentication.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'SelfSubjectReview') } },
  columns: [],
})
