import { defineResource, schemaIn } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import type { ReplicationController } from './types'

export const replicationcontrollers = defineResource<ReplicationController>({
  group: '', version: 'v1', kind: 'ReplicationController', resource: 'replicationcontrollers', namespaced: true,
  shortNames: ['rc'],
  categories: ['all'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ReplicationController') } },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly(),
  },
  columns: [],
})
