import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { Ingress } from './types'

export const ingresses = defineResource<Ingress>({
  group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', resource: 'ingresses', namespaced: true,
  shortNames: ['ing'],
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'Ingress') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
