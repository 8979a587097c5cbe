import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, nameColumn } from '../../printing'
import { generationOnly } from '../../strategies'
import type { DeviceClass } from './types'

export const deviceclasses = defineResource<DeviceClass>({
  group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass', resource: 'deviceclasses', namespaced: false,
  answersWithDeleted: true,
  versions: { 'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'DeviceClass') } },

  ...generationOnly<DeviceClass>(),
  columns: [nameColumn, ageColumn],
})
