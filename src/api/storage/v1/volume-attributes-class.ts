import { defineResource, schemaIn } from '#apimachinery/resource'
import type { VolumeAttributesClass } from './types'

export const volumeattributesclasses = defineResource<VolumeAttributesClass>({
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', resource: 'volumeattributesclasses', namespaced: false,
  shortNames: ['vac'],
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'VolumeAttributesClass') } },
  columns: [],
})
