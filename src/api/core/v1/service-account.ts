import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest } from '#apimachinery/subresources'
import type { ServiceAccount } from './types'

export const serviceaccounts = defineResource<ServiceAccount>({
  group: '', version: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts', namespaced: true,
  shortNames: ['sa'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ServiceAccount') } },
  subresources: {
    token: rest(['create'], { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }),
  },
  columns: [],
})
