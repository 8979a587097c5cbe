import { defineResource, schemaIn } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import type { Deployment } from './types'

export const deployments = defineResource<Deployment>({
  group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', namespaced: true,
  shortNames: ['deploy'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'Deployment') } },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly(),
  },
  columns: [],
})
