import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { ResourceClaim } from './types'

export const resourceclaims = defineResource<ResourceClaim>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim', resource: 'resourceclaims', namespaced: true,
  versions: { 'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceClaim') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
