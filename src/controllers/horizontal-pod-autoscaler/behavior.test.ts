import { expect, test } from 'vitest'
import type { HorizontalPodAutoscalerSpec } from '#api/autoscaling/v2/types'
import { type History, limit, remember } from './behavior'

const spec = (behavior?: object, maxReplicas = 100): HorizontalPodAutoscalerSpec => ({ scaleTargetRef: { kind: 'Deployment', name: 'd' }, minReplicas: 1, maxReplicas, ...(behavior ? { behavior } : {}) }) as HorizontalPodAutoscalerSpec
const fresh = (): History => ({ recommendations: [], changes: [] })
const sized = (of: HorizontalPodAutoscalerSpec, history: History, current: number, wanted: number, now = 1e9) =>
  limit(of, history, { current, wanted, min: 1, now, downscaleStabilizationMs: 300_000 })

test('without rules a size doubles at most, from four on, and stays within its bounds', () => {
  expect(sized(spec(), fresh(), 1, 50)).toMatchObject({ replicas: 4, scalingLimited: { limited: true, reason: 'ScaleUpLimit' } })
  expect(sized(spec(), fresh(), 10, 50)).toMatchObject({ replicas: 20 })
  expect(sized(spec(undefined, 15), fresh(), 10, 50)).toMatchObject({ replicas: 15, scalingLimited: { limited: true, reason: 'TooManyReplicas' } })
  expect(sized(spec(), fresh(), 2, 0)).toMatchObject({ replicas: 1, scalingLimited: { limited: true, reason: 'TooFewReplicas' } })
  expect(sized(spec(), fresh(), 4, 5)).toMatchObject({ replicas: 5, scalingLimited: { limited: false, reason: 'DesiredWithinRange' } })
})

test('what was recommended lately holds a size up, for as long as the window is', () => {
  const history = fresh()
  expect(sized(spec(), history, 10, 10, 0).replicas).toBe(10)
  expect(sized(spec(), history, 10, 2, 60_000)).toMatchObject({ replicas: 10, ableToScale: { reason: 'ScaleDownStabilized' } })
  expect(sized(spec(), history, 10, 2, 301_000)).toMatchObject({ replicas: 2, ableToScale: { reason: 'ReadyForNewScale' } })
})

test('rules: pods and percents per period, the furthest or the nearest, or not at all', () => {
  const policies = [{ type: 'Pods', value: 4, periodSeconds: 60 }, { type: 'Percent', value: 50, periodSeconds: 60 }]
  const up = (selectPolicy: string) => spec({ scaleUp: { selectPolicy, policies, stabilizationWindowSeconds: 0 }, scaleDown: { stabilizationWindowSeconds: 0 } })
  expect(sized(up('Max'), fresh(), 10, 50)).toMatchObject({ replicas: 15, scalingLimited: { reason: 'ScaleUpLimit' } })
  expect(sized(up('Min'), fresh(), 10, 50).replicas).toBe(14)
  expect(sized(up('Disabled'), fresh(), 10, 50).replicas).toBe(10)
  const down = (selectPolicy: string) => spec({ scaleDown: { selectPolicy, policies, stabilizationWindowSeconds: 0 } })
  expect(sized(down('Max'), fresh(), 10, 1)).toMatchObject({ replicas: 5, scalingLimited: { reason: 'ScaleDownLimit' } })
  expect(sized(down('Min'), fresh(), 10, 1).replicas).toBe(6)
  expect(sized(down('Disabled'), fresh(), 10, 1).replicas).toBe(10)
})

test('what was changed in a period counts against it', () => {
  const of = spec({ scaleUp: { selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }], stabilizationWindowSeconds: 0 }, scaleDown: { stabilizationWindowSeconds: 0 } })
  const history = fresh()
  expect(sized(of, history, 10, 50, 0).replicas).toBe(14)
  remember(history, of, 4, 0)
  expect(sized(of, history, 14, 50, 30_000).replicas).toBe(14)
  expect(sized(of, history, 14, 50, 61_000).replicas).toBe(18)
})
