import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { PersistentVolume } from './types'

export const persistentvolumes = defineResource<PersistentVolume>({
  group: '', version: 'v1', kind: 'PersistentVolume', resource: 'persistentvolumes', namespaced: false,
  shortNames: ['pv'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'PersistentVolume') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
