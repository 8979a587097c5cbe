import { defineResource, schemaIn } from '#apimachinery/resource'
import type { LocalSubjectAccessReview } from './types'

export const localsubjectaccessreviews = defineResource<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io', version: 'v1', kind: 'LocalSubjectAccessReview', resource: 'localsubjectaccessreviews', namespaced: true,
  verbs: ['create'],
  versions: { 'authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'LocalSubjectAccessReview') } },
  columns: [],
})
