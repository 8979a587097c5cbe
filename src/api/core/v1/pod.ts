import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest, statusOnly } from '#apimachinery/subresources'
import type { Pod } from './types'

export const pods = defineResource<Pod>({
  group: '', version: 'v1', kind: 'Pod', resource: 'pods', namespaced: true,
  shortNames: ['po'],
  categories: ['all'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Pod') } },
  subresources: {
    attach: rest(['create', 'get'], { group: '', version: 'v1', kind: 'PodAttachOptions' }),
    binding: rest(['create'], { group: '', version: 'v1', kind: 'Binding' }),
    ephemeralcontainers: statusOnly(),
    eviction: rest(['create'], { group: 'policy', version: 'v1', kind: 'Eviction' }),
    exec: rest(['create', 'get'], { group: '', version: 'v1', kind: 'PodExecOptions' }),
    log: rest(['get'], { group: '', version: 'v1', kind: 'Pod' }),
    portforward: rest(['create', 'get'], { group: '', version: 'v1', kind: 'PodPortForwardOptions' }),
    proxy: rest(['create', 'delete', 'get', 'patch', 'update'], { group: '', version: 'v1', kind: 'PodProxyOptions' }),
    resize: statusOnly(),
    status: statusOnly(),
  },
  columns: [],
})
