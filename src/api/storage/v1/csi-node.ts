import { defineResource, schemaIn } from '#apimachinery/resource'
import type { CSINode } from './types'

export const csinodes = defineResource<CSINode>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', resource: 'csinodes', namespaced: false,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CSINode') } },
  columns: [],
})
