import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ResourceSlice } from './types'

export const resourceslices = defineResource<ResourceSlice>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', resource: 'resourceslices', namespaced: false,
  versions: { 'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceSlice') } },
  columns: [],
})
