import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ComponentStatus } from './types'

export const componentstatuses = defineResource<ComponentStatus>({
  group: '', version: 'v1', kind: 'ComponentStatus', resource: 'componentstatuses', namespaced: false,
  shortNames: ['cs'],
  verbs: ['get', 'list'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ComponentStatus') } },
  columns: [],
})
