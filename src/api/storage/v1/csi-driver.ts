import { defineResource, schemaIn } from '#apimachinery/resource'
import type { CSIDriver } from './types'

export const csidrivers = defineResource<CSIDriver>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', resource: 'csidrivers', namespaced: false,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CSIDriver') } },
  columns: [],
})
