import { defineResource, schemaIn } from '#apimachinery/resource'
import type { DeviceClass } from './types'

export const deviceclasses = defineResource<DeviceClass>({
  group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass', resource: 'deviceclasses', namespaced: false,
  versions: { 'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'DeviceClass') } },
  columns: [],
})
