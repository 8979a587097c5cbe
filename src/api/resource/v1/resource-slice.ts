import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { generationOnly } from '../../strategies'
import type { ResourceSlice } from './types'

export const resourceslices = defineResource<ResourceSlice>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', resource: 'resourceslices', namespaced: false,
  answersWithDeleted: true,
  versions: { 'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceSlice') } },

  ...generationOnly<ResourceSlice>(),
  columns: [
    nameColumn,
    column('Node', ({ spec }) => spec.nodeName ?? ''),
    column('Driver', ({ spec }) => spec.driver),
    column('Pool', ({ spec }) => spec.pool.name),
    ageColumn,
  ],
  selectableFields: { 'spec.nodeName': ({ spec }) => spec.nodeName ?? '', 'spec.driver': ({ spec }) => spec.driver },
})
