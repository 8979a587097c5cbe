import { defineResource, schemaIn } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import type { ReplicaSet } from './types'

export const replicasets = defineResource<ReplicaSet>({
  group: 'apps', version: 'v1', kind: 'ReplicaSet', resource: 'replicasets', namespaced: true,
  shortNames: ['rs'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'ReplicaSet') } },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly(),
  },
  columns: [],
})
