import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { HorizontalPodAutoscaler } from './types'

export const horizontalpodautoscalers = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler', resource: 'horizontalpodautoscalers', namespaced: true,
  shortNames: ['hpa'],
  categories: ['all'],
  versions: { 'autoscaling/v2': { schema: schemaIn(() => import('./types.gen'), 'HorizontalPodAutoscaler') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
