import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { PriorityLevelConfiguration } from './types'

export const prioritylevelconfigurations = defineResource<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'PriorityLevelConfiguration', resource: 'prioritylevelconfigurations', namespaced: false,
  versions: { 'flowcontrol.apiserver.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'PriorityLevelConfiguration') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
