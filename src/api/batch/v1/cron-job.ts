import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { CronJob } from './types'

export const cronjobs = defineResource<CronJob>({
  group: 'batch', version: 'v1', kind: 'CronJob', resource: 'cronjobs', namespaced: true,
  shortNames: ['cj'],
  categories: ['all'],
  versions: { 'batch/v1': { schema: schemaIn(() => import('./types.gen'), 'CronJob') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
