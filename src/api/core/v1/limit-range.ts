import { defineResource, schemaIn } from '#apimachinery/resource'
import type { LimitRange } from './types'

export const limitranges = defineResource<LimitRange>({
  group: '', version: 'v1', kind: 'LimitRange', resource: 'limitranges', namespaced: true,
  shortNames: ['limits'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'LimitRange') } },
  columns: [],
})
