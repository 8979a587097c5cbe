import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { DaemonSet } from './types'

export const daemonsets = defineResource<DaemonSet>({
  group: 'apps', version: 'v1', kind: 'DaemonSet', resource: 'daemonsets', namespaced: true,
  shortNames: ['ds'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'DaemonSet') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
