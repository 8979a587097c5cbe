import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest, statusOnly } from '#apimachinery/subresources'
import type { Node } from './types'

export const nodes = defineResource<Node>({
  group: '', version: 'v1', kind: 'Node', resource: 'nodes', namespaced: false,
  shortNames: ['no'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Node') } },
  subresources: {
    proxy: rest(['create', 'delete', 'get', 'patch', 'update'], { group: '', version: 'v1', kind: 'NodeProxyOptions' }),
    status: statusOnly(),
  },
  columns: [],
})
