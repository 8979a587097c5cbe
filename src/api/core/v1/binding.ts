import { defineResource, schemaIn } from '#apimachinery/resource'
import type { Binding } from './types'

export const bindings = defineResource<Binding>({
  group: '', version: 'v1', kind: 'Binding', resource: 'bindings', namespaced: true,
  verbs: ['create'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Binding') } },
  columns: [],
})
