import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { FlowSchema } from './types'

export const flowschemas = defineResource<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'FlowSchema', resource: 'flowschemas', namespaced: false,
  versions: { 'flowcontrol.apiserver.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'FlowSchema') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
