import { defineResource, schemaIn } from '#apimachinery/resource'
import type { IPAddress } from './types'

export const ipaddresses = defineResource<IPAddress>({
  group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress', resource: 'ipaddresses', namespaced: false,
  shortNames: ['ip'],
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'IPAddress') } },
  columns: [],
})
