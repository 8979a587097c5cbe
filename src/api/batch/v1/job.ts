import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { Job } from './types'

export const jobs = defineResource<Job>({
  group: 'batch', version: 'v1', kind: 'Job', resource: 'jobs', namespaced: true,
  categories: ['all'],
  versions: { 'batch/v1': { schema: schemaIn(() => import('./types.gen'), 'Job') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
