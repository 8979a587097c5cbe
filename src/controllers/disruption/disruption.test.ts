import { expect, test } from 'vitest'
import { deployments } from '#api/apps/v1/deployment'
import { replicasets } from '#api/apps/v1/replica-set'
import { events } from '#api/core/v1/event'
import { pods } from '#api/core/v1/pod'
import { poddisruptionbudgets } from '#api/policy/v1/pod-disruption-budget'
import type { ResourceRef } from '#apimachinery/resource'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { disruption } from './disruption'

const budget = (spec: object, status: object = {}) => ({
  metadata: { namespace: 'd', name: 'b', generation: 1 }, spec: { selector: { matchLabels: { app: 'x' } }, ...spec },
  status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...status },
})
const ownedBy = (kind: string, uid: string, apiVersion = 'apps/v1') => [{ apiVersion, kind, name: uid, uid, controller: true }]
const pod = (name: string, { ready = 'True', owner, conditions = [] }: { ready?: string; owner?: object[]; conditions?: object[] } = {}) => ({
  metadata: { namespace: 'd', name, labels: { app: 'x' }, ...(owner ? { ownerReferences: owner } : {}) }, spec: {},
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }, ...conditions] },
})
const status = (bed: TestBed) => bed.api.read(poddisruptionbudgets, 'd/b')!.status
const told = (bed: TestBed) => bed.api.all(events).map((e) => `${e.type} ${e.reason}: ${e.message}`)

test('minAvailable as a number counts the pods that there are', async () => {
  await using bed = createTestBed()
  bed.api.seed(poddisruptionbudgets, budget({ minAvailable: 1 }))
  await bed.start(disruption)
  expect(status(bed)).toMatchObject({ observedGeneration: 1, disruptionsAllowed: 0, expectedPods: 0, desiredHealthy: 1, conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', observedGeneration: 1 }] })
  expect(told(bed)).toContain('Normal NoPods: No matching pods found')
  bed.api.seed(pods, pod('1'), pod('2'), pod('3', { ready: 'False' }))
  await bed.idle()
  expect(status(bed)).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 3, conditions: [{ status: 'True', reason: 'SufficientPods', message: '' }] })
  bed.api.vanish(pods, 'd/1')
  await bed.idle()
  expect(status(bed).disruptionsAllowed).toBe(0)
})

test('shares count what the owners ask for: a Deployment once, whatever its ReplicaSets', async () => {
  await using bed = createTestBed()
  bed.api.seed(deployments, { metadata: { namespace: 'd', name: 'dep', uid: 'dep' }, spec: { replicas: 8 } })
  for (const name of ['r1', 'r2']) bed.api.seed(replicasets, { metadata: { namespace: 'd', name, uid: name, ownerReferences: ownedBy('Deployment', 'dep') }, spec: { replicas: 4 } })
  bed.api.seed(replicasets, { metadata: { namespace: 'd', name: 'alone', uid: 'alone' }, spec: { replicas: 2 } })
  for (let i = 0; i < 8; i++) bed.api.seed(pods, pod(`p${i}`, { owner: ownedBy('ReplicaSet', i % 2 ? 'r1' : 'r2') }))
  bed.api.seed(pods, pod('q', { owner: ownedBy('ReplicaSet', 'alone') }))
  bed.api.seed(poddisruptionbudgets, budget({ maxUnavailable: '30%' }))
  await bed.start(disruption)
  expect(status(bed)).toMatchObject({ expectedPods: 10, desiredHealthy: 7, currentHealthy: 9, disruptionsAllowed: 2 })
  await bed.client.patch(poddisruptionbudgets, { namespace: 'd', name: 'b' }, { spec: { maxUnavailable: null, minAvailable: '50%' } }, { type: 'merge' })
  await bed.idle()
  expect(status(bed)).toMatchObject({ observedGeneration: 2, desiredHealthy: 5, disruptionsAllowed: 4 })
})

test('owners of other kinds are asked for their scale', async () => {
  const things: ResourceRef = { group: 'example.com', version: 'v1', resource: 'things', kind: 'Thing', namespaced: true }
  await using bed = createTestBed({ kinds: [things] })
  bed.api.seed(things, { metadata: { namespace: 'd', name: 't', uid: 't' }, spec: { replicas: 3 } })
  bed.api.seed(pods, pod('1', { owner: ownedBy('Thing', 't', 'example.com/v1') }))
  bed.api.seed(poddisruptionbudgets, budget({ maxUnavailable: 1 }))
  await bed.start(disruption)
  expect(status(bed)).toMatchObject({ expectedPods: 3, desiredHealthy: 2 })
  expect(bed.api.calls.some((call) => call.path === '/apis/example.com/v1/namespaces/d/things/t/scale')).toBe(true)
})

test('what cannot be counted allows nothing and says why', async () => {
  await using bed = createTestBed()
  bed.api.seed(pods, pod('1', { owner: ownedBy('ReplicaSet', 'gone') }))
  bed.api.seed(poddisruptionbudgets, budget({ maxUnavailable: 1 }, { disruptionsAllowed: 5 }))
  await bed.start(disruption)
  expect(status(bed)).toMatchObject({ disruptionsAllowed: 0, conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'found no controllers for pod "1"' }] })
  expect(told(bed)).toContain('Warning CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: found no controllers for pod "1"')
})

test('pods that nobody manages, and those of several budgets, are told', async () => {
  await using bed = createTestBed()
  bed.api.seed(pods, pod('1'))
  bed.api.seed(poddisruptionbudgets, budget({ maxUnavailable: 1 }), { ...budget({ minAvailable: 0 }), metadata: { namespace: 'd', name: 'c' } })
  await bed.start(disruption)
  expect(told(bed).find((t) => t.includes('UnmanagedPods'))).toContain('(selector: &LabelSelector{MatchLabels:map[string]string{app: x,},MatchExpressions:[]LabelSelectorRequirement{},})')
  expect(told(bed)).toContain('Warning MultiplePodDisruptionBudgets: Pod "d"/"1" matches multiple PodDisruptionBudgets.  Chose "b" arbitrarily.')
})

test('a pod that was evicted does not count until it is known to stay', async () => {
  await using bed = createTestBed()
  bed.api.seed(pods, pod('1'), pod('2'))
  bed.api.seed(poddisruptionbudgets, budget({ minAvailable: 1 }, { disruptedPods: { 1: '2026-01-01T00:00:00Z', gone: '2026-01-01T00:00:00Z' } }))
  await bed.start(disruption)
  expect(status(bed)).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0, disruptedPods: { 1: '2026-01-01T00:00:00Z' } })
  expect(Object.keys(status(bed).disruptedPods!)).toEqual(['1'])
  await bed.advance(120_000)
  expect(status(bed)).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 })
  expect(status(bed).disruptedPods).toBeUndefined()
  expect(told(bed).some((t) => t.startsWith('Warning NotDeleted'))).toBe(true)
})

test('a pod that was to be disrupted, and goes on, is an ordinary one again', async () => {
  await using bed = createTestBed()
  const target = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', lastTransitionTime: '2026-01-01T00:00:00Z' }
  bed.api.seed(pods, pod('1', { conditions: [target] }), pod('2', { conditions: [{ ...target, reason: 'TerminationByKubelet' }] }))
  await bed.start(disruption)
  const of = (name: string) => bed.api.read(pods, `d/${name}`)!.status.conditions!.find((c) => c.type === 'DisruptionTarget')!.status
  await bed.advance(119_000)
  expect(of('1')).toBe('True')
  await bed.advance(1000)
  expect([of('1'), of('2')]).toEqual(['False', 'True'])
})
