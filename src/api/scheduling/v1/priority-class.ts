import { defineResource, schemaIn } from '#apimachinery/resource'
import type { PriorityClass } from './types'

export const priorityclasses = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', resource: 'priorityclasses', namespaced: false,
  shortNames: ['pc'],
  versions: { 'scheduling.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'PriorityClass') } },
  columns: [],
})
