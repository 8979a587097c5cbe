import { defineResource, schemaIn } from '#apimachinery/resource'
import type { TokenReview } from './types'

export const tokenreviews = defineResource<TokenReview>({
  group: 'authentication.k8s.io', version: 'v1', kind: 'TokenReview', resource: 'tokenreviews', namespaced: false,
  verbs: ['create'],
  versions: { 'authentication.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'TokenReview') } },
  columns: [],
})
