import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { PodDisruptionBudget } from './types'

export const poddisruptionbudgets = defineResource<PodDisruptionBudget>({
  group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', resource: 'poddisruptionbudgets', namespaced: true,
  shortNames: ['pdb'],
  versions: { 'policy/v1': { schema: schemaIn(() => import('./types.gen'), 'PodDisruptionBudget') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
