import { defineResource, schemaIn } from '#apimachinery/resource'
import type { SelfSubjectAccessReview } from './types'

export const selfsubjectaccessreviews = defineResource<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview', resource: 'selfsubjectaccessreviews', namespaced: false,
  verbs: ['create'],
  versions: { 'authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'SelfSubjectAccessReview') } },
  columns: [],
})
