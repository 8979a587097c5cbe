import type { KubeObject } from '#apimachinery/object'
import { expect, test } from 'vitest'
import { decoded, refusals } from '../../testing/written'
import { horizontalpodautoscalers } from './horizontal-pod-autoscaler'
import { fromV2, toV2 } from './horizontal-pod-autoscaler-v1'

const prefix = 'autoscaling.alpha.kubernetes.io/'
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
const v1 = (annotations: Record<string, unknown>, status?: object): KubeObject => ({
  apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', spec: { scaleTargetRef, maxReplicas: 3 }, status,
  metadata: { name: 'a', uid: 'u', annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [prefix + name, JSON.stringify(value)])) },
} as unknown as KubeObject)
const service = { kind: 'Service', name: 's', apiVersion: 'v1' }
const selector = { matchLabels: { a: 'b' } }

// What v1 has no fields for comes back as it was written, in the original's order and with what it cannot leave out.
test.each<[string, string, object[], object[]]>([
  ['metrics', 'metrics', [
    { type: 'Object', object: { target: service, metricName: 'o', targetValue: '0', selector, averageValue: '1' } },
    { type: 'Pods', pods: { metricName: 'p', targetAverageValue: '5', selector } },
    { type: 'Resource', resource: { name: 'memory', targetAverageValue: '100Mi' } },
    { type: 'ContainerResource', containerResource: { name: 'cpu', targetAverageUtilization: 30, container: 'c' } },
    { type: 'External', external: { metricName: 'e', metricSelector: selector, targetValue: '3' } },
  ], [
    { type: 'Object', object: { describedObject: service, metric: { name: 'o', selector }, target: { type: 'AverageValue', averageValue: '1' } } },
    { type: 'Pods', pods: { metric: { name: 'p', selector }, target: { type: 'AverageValue', averageValue: '5' } } },
    { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } } },
    { type: 'ContainerResource', containerResource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 30 }, container: 'c' } },
    { type: 'External', external: { metric: { name: 'e', selector }, target: { type: 'Value', value: '3' } } },
  ]],
  ['what was measured', 'current-metrics', [
    { type: 'Object', object: { target: service, metricName: 'o', currentValue: '0', averageValue: '1' } },
    { type: 'Resource', resource: { name: 'cpu', currentAverageUtilization: 4, currentAverageValue: '0' } },
    { type: 'External', external: { metricName: 'e', currentValue: '5' } },
  ], [
    { type: 'Object', object: { describedObject: service, metric: { name: 'o' }, current: { value: '0', averageValue: '1' } } },
    { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '0', averageUtilization: 4 } } },
    { type: 'External', external: { metric: { name: 'e' }, current: { value: '5' } } },
  ]],
])('%s of v1', (_name, annotation, flat, metrics) => {
  const object = toV2(v1({ [annotation]: flat }, { currentReplicas: 0, desiredReplicas: 0 }))
  expect(annotation === 'metrics' ? object.spec.metrics : object.status.currentMetrics).toEqual(metrics)
  expect(fromV2(object).metadata.annotations![prefix + annotation]).toBe(JSON.stringify(flat))
})

test('behavior is as the original prints it, and is not filled in for who speaks v1', async () => {
  const rules = { StabilizationWindowSeconds: 5, SelectPolicy: null, Policies: [{ Type: 'Pods', Value: 3, PeriodSeconds: 20 }], Tolerance: null }
  const text = { ScaleUp: rules, ScaleDown: null }
  expect(fromV2(toV2(v1({ behavior: text }))).metadata.annotations![`${prefix}behavior`]).toBe(JSON.stringify(text))
  const { spec } = toV2(v1({ behavior: { ScaleUp: { StabilizationWindowSeconds: 5 } } }))
  const object = await decoded(horizontalpodautoscalers, { spec })
  expect(await refusals(horizontalpodautoscalers, { spec: object.spec })).toEqual(['spec.behavior.scaleUp.policies: Required value: must specify at least one Policy'])
})

test('an annotation that cannot be read is left out', () => {
  expect(toV2(v1({ metrics: [{ type: 'Pods', pods: { metricName: 'p', targetAverageValue: 'much' } }] })).spec.metrics).toHaveLength(1)
})
