import { defineResource, schemaIn } from '#apimachinery/resource'
import type { StorageClass } from './types'

export const storageclasses = defineResource<StorageClass>({
  group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', resource: 'storageclasses', namespaced: false,
  shortNames: ['sc'],
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'StorageClass') } },
  columns: [],
})
