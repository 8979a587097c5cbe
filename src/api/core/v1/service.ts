import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest, statusOnly } from '#apimachinery/subresources'
import type { Service } from './types'

export const services = defineResource<Service>({
  group: '', version: 'v1', kind: 'Service', resource: 'services', namespaced: true,
  shortNames: ['svc'],
  categories: ['all'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Service') } },
  subresources: {
    proxy: rest(['create', 'delete', 'get', 'patch', 'update'], { group: '', version: 'v1', kind: 'ServiceProxyOptions' }),
    status: statusOnly(),
  },
  columns: [],
})
