import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest, statusOnly } from '#apimachinery/subresources'
import type { Namespace } from './types'

export const namespaces = defineResource<Namespace>({
  group: '', version: 'v1', kind: 'Namespace', resource: 'namespaces', namespaced: false,
  shortNames: ['ns'],
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Namespace') } },
  subresources: {
    finalize: rest(['update'], { group: '', version: 'v1', kind: 'Namespace' }),
    status: statusOnly(),
  },
  columns: [],
})
