import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ResourceClaimTemplate } from './types'

export const resourceclaimtemplates = defineResource<ResourceClaimTemplate>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaimTemplate', resource: 'resourceclaimtemplates', namespaced: true,
  versions: { 'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceClaimTemplate') } },
  columns: [],
})
