import { defineResource, schemaIn } from '#apimachinery/resource'
import type { Secret } from './types'

export const secrets = defineResource<Secret>({
  group: '', version: 'v1', kind: 'Secret', resource: 'secrets', namespaced: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Secret') } },
  columns: [],
})
