import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { PersistentVolumeClaim } from './types'

export const persistentvolumeclaims = defineResource<PersistentVolumeClaim>({
  group: '', version: 'v1', kind: 'PersistentVolumeClaim', resource: 'persistentvolumeclaims', namespaced: true,
  shortNames: ['pvc'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'PersistentVolumeClaim') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
