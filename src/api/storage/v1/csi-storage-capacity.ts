import { defineResource, schemaIn } from '#apimachinery/resource'
import type { CSIStorageCapacity } from './types'

export const csistoragecapacities = defineResource<CSIStorageCapacity>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', resource: 'csistoragecapacities', namespaced: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CSIStorageCapacity') } },
  columns: [],
})
