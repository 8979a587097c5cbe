import { defineResource, schemaIn } from '#apimachinery/resource'
import type { PodTemplate } from './types'

export const podtemplates = defineResource<PodTemplate>({
  group: '', version: 'v1', kind: 'PodTemplate', resource: 'podtemplates', namespaced: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'PodTemplate') } },
  columns: [],
})
