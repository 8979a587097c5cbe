import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ConfigMap } from './types'

export const configmaps = defineResource<ConfigMap>({
  group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true,
  shortNames: ['cm'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ConfigMap') } },
  columns: [],
})
