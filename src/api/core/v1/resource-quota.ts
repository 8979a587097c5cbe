import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { ResourceQuota } from './types'

export const resourcequotas = defineResource<ResourceQuota>({
  group: '', version: 'v1', kind: 'ResourceQuota', resource: 'resourcequotas', namespaced: true,
  shortNames: ['quota'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceQuota') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
