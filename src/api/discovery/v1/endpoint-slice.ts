import { defineResource, schemaIn } from '#apimachinery/resource'
import type { EndpointSlice } from './types'

export const endpointslices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices', namespaced: true,
  versions: { 'discovery.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'EndpointSlice') } },
  columns: [],
})
