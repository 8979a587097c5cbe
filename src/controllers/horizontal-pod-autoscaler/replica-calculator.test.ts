import { expect, test } from 'vitest'
import type { Pod } from '#api/core/v1/types'
import { byAverage, byShare, byTotal, byUtilization, type PodMetric, requestsOf } from './replica-calculator'

const now = Date.parse('2026-01-01T01:00:00Z')
const times = { now, cpuInitializationMs: 300_000, initialReadinessMs: 30_000 }
const tolerances = { up: 0.1, down: 0.1 }
const pod = (name: string, { ready = true, phase = 'Running', startTime = '2026-01-01T00:00:00Z', changed = '2026-01-01T00:00:30Z', cpu = '1' } = {}): Pod =>
  ({ metadata: { name }, spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] }, status: { phase, startTime, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: changed }] } }) as unknown as Pod
const metrics = (...values: (number | undefined)[]): Map<string, PodMetric> =>
  new Map(values.flatMap((value, i) => (value === undefined ? [] : [[`p${i}`, { value, at: now, windowMs: 60_000 }] as const])))
const pods = (count: number): Pod[] => Array.from({ length: count }, (_, i) => pod(`p${i}`))
const utilization = (current: number, target: number, of: Map<string, PodMetric>, all: Pod[]) => byUtilization(current, target, of, all, requestsOf(all, 'cpu'), 'cpu', tolerances, times)

test('twice the use that was aimed at takes twice the pods; nearly right is right', () => {
  expect(utilization(3, 30, metrics(500, 600, 700), pods(3))).toEqual({ replicas: 6, usage: 600, utilization: 60 })
  expect(utilization(3, 60, metrics(620, 620, 620), pods(3)).replicas).toBe(3)
  expect(utilization(3, 60, metrics(200, 200, 200), pods(3)).replicas).toBe(1)
})

test('pods without metrics are assumed to speak against the change', () => {
  expect(utilization(3, 50, metrics(900, 900, undefined), pods(3)).replicas).toBe(4)
  expect(utilization(3, 100, metrics(400, 400, undefined), pods(3)).replicas).toBe(2)
})

test('pods that start, fail or go do not count', () => {
  const all = [pod('p0'), pod('p1', { ready: false, startTime: '2026-01-01T00:59:00Z', changed: '2026-01-01T00:59:00Z' }), pod('p2', { phase: 'Failed' })]
  // The one that starts counts as idle on the way up: (900 + 0) of 2 is 45 %.
  expect(utilization(2, 30, metrics(900, 5000, 5000), all)).toMatchObject({ replicas: 3, utilization: 90 })
  expect(() => utilization(1, 30, metrics(900), [pod('p0', { phase: 'Pending' })])).toThrow('did not receive metrics for targeted pods (pods might be unready)')
  expect(() => utilization(1, 30, metrics(), [])).toThrow('no pods returned by selector while calculating replica count')
})

test('averages, totals and shares', () => {
  expect(byAverage(2, 1000, metrics(3000, 1000), pods(2), 'memory', tolerances, times)).toEqual({ replicas: 4, usage: 2000 })
  expect(byTotal(2, 1.5, pods(2), tolerances)).toBe(3)
  expect(byTotal(2, 1.05, pods(2), tolerances)).toBe(2)
  expect(byTotal(0, 1.5, [], tolerances)).toBe(2)
  expect(byShare(2, 9000, 2000, tolerances)).toBe(5)
})

test('a request that is missing is named', () => {
  expect(() => requestsOf(pods(1), 'memory')).toThrow('missing request for memory in container c of Pod p0')
  expect(() => requestsOf(pods(1), 'cpu', 'x')).toThrow('container x not found in Pod p0')
  expect(requestsOf(pods(1), 'cpu', 'c')).toEqual(new Map([['p0', 1000]]))
})
