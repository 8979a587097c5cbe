import { defineResource, schemaIn } from '#apimachinery/resource'
import type { IngressClass } from './types'

export const ingressclasses = defineResource<IngressClass>({
  group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', resource: 'ingressclasses', namespaced: false,
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'IngressClass') } },
  columns: [],
})
