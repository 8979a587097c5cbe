import { defineResource, schemaIn } from '#apimachinery/resource'
import type { SubjectAccessReview } from './types'

export const subjectaccessreviews = defineResource<SubjectAccessReview>({
  group: 'authorization.k8s.io', version: 'v1', kind: 'SubjectAccessReview', resource: 'subjectaccessreviews', namespaced: false,
  verbs: ['create'],
  versions: { 'authorization.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'SubjectAccessReview') } },
  columns: [],
})
