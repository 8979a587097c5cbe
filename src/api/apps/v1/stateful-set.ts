import { defineResource, schemaIn } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import type { StatefulSet } from './types'

export const statefulsets = defineResource<StatefulSet>({
  group: 'apps', version: 'v1', kind: 'StatefulSet', resource: 'statefulsets', namespaced: true,
  shortNames: ['sts'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'StatefulSet') } },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly(),
  },
  columns: [],
})
