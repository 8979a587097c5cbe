import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { ServiceCIDR } from './types'

export const servicecidrs = defineResource<ServiceCIDR>({
  group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', resource: 'servicecidrs', namespaced: false,
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ServiceCIDR') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
