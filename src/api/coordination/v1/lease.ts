import { defineResource, schemaIn } from '#apimachinery/resource'
import type { Lease } from './types'

export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', resource: 'leases', namespaced: true,
  versions: { 'coordination.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'Lease') } },
  columns: [],
})
