import { defineResource, schemaIn, type WriteContext } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { nonNegative } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { carryStatus } from '../../strategies'
import { fromV2, toV2 } from './horizontal-pod-autoscaler-v1'
import { metricsText } from './metrics-text'
import { validateAutoscaler } from './horizontal-pod-autoscaler-validation'
import type { HPAScalingRules, HorizontalPodAutoscaler } from './types'

export const horizontalpodautoscalers = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler', resource: 'horizontalpodautoscalers', namespaced: true,
  shortNames: ['hpa'],
  categories: ['all'],
  versions: {
    'autoscaling/v2': { schema: schemaIn(() => import('./types.gen'), 'HorizontalPodAutoscaler') },
    'autoscaling/v1': { schema: schemaIn(() => import('#api/autoscaling/v1/types.gen'), 'HorizontalPodAutoscaler'), toStorage: toV2, fromStorage: fromV2 },
  },
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    status: statusOnly({
      validateUpdate({ status }, _old, errors) {
        nonNegative(errors.at('status'), 'currentReplicas', status.currentReplicas)
        nonNegative(errors.at('status'), 'desiredReplicas', status.desiredReplicas)
      },
    }),
  },

  prepareForCreate(autoscaler, context) {
    autoscaler.status = { desiredReplicas: 0, currentMetrics: null as unknown as [] }
    dropDisabled(autoscaler, undefined, context)
  },
  prepareForUpdate(autoscaler, old, context) {
    carryStatus(autoscaler, old)
    dropDisabled(autoscaler, old, context)
  },
  resetFields: [['status']],
  defaults({ spec }) {
    spec.minReplicas ??= 1
    if (!spec.metrics?.length) {
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]
    }
    if (!spec.behavior) return
    spec.behavior.scaleUp = withDefaults(spec.behavior.scaleUp, {
      stabilizationWindowSeconds: 0, selectPolicy: 'Max',
      policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }],
    })
    spec.behavior.scaleDown = withDefaults(spec.behavior.scaleDown, { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] })
  },
  validateCreate: ({ spec }, errors, context) => validateAutoscaler(spec, undefined, errors.at('spec'), context),
  validateUpdate: ({ spec }, old, errors, context) => validateAutoscaler(spec, old.spec, errors.at('spec'), context),

  columns: [
    nameColumn,
    column('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
    column('Targets', ({ spec, status }) => metricsText(spec.metrics, status.currentMetrics)),
    column('MinPods', ({ spec }) => (spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas))),
    column('MaxPods', ({ spec }) => spec.maxReplicas),
    column('Replicas', ({ status }) => status.currentReplicas ?? 0),
    ageColumn,
  ],
})

function dropDisabled({ spec }: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler | undefined, { enabled }: WriteContext): void {
  const rules = ({ behavior }: HorizontalPodAutoscaler['spec']): HPAScalingRules[] => [behavior?.scaleUp, behavior?.scaleDown].filter((one) => one !== undefined)
  if (enabled('HPAConfigurableTolerance') || (old && rules(old.spec).some(({ tolerance }) => tolerance !== undefined))) return
  for (const one of rules(spec)) delete one.tolerance
}

function withDefaults(given: HPAScalingRules | undefined, rules: HPAScalingRules): HPAScalingRules {
  return { ...rules, ...given }
}
