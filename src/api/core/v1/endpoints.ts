import { defineResource, schemaIn } from '#apimachinery/resource'
import type { Endpoints } from './types'

export const endpoints = defineResource<Endpoints>({
  group: '', version: 'v1', kind: 'Endpoints', resource: 'endpoints', namespaced: true,
  shortNames: ['ep'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Endpoints') } },
  columns: [],
})
