import { defineResource, schemaIn } from '#apimachinery/resource'
import type { NetworkPolicy } from './types'

export const networkpolicies = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', resource: 'networkpolicies', namespaced: true,
  shortNames: ['netpol'],
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'NetworkPolicy') } },
  columns: [],
})
