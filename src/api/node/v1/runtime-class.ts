import { defineResource, schemaIn } from '#apimachinery/resource'
import type { RuntimeClass } from './types'

export const runtimeclasses = defineResource<RuntimeClass>({
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', resource: 'runtimeclasses', namespaced: false,
  versions: { 'node.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'RuntimeClass') } },
  columns: [],
})
