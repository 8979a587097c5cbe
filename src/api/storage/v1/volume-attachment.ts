import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { VolumeAttachment } from './types'

export const volumeattachments = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment', resource: 'volumeattachments', namespaced: false,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'VolumeAttachment') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
