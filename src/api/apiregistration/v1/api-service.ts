import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { APIService } from './types'

export const apiservices = defineResource<APIService>({
  group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService', resource: 'apiservices', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'apiregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'APIService') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
