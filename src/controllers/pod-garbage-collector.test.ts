import { expect, test } from 'vitest'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { podGarbageCollector } from './pod-garbage-collector'

const node = (name: string, spec: object = {}, ready = 'True') => ({ metadata: { name }, spec, status: { conditions: [{ type: 'Ready', status: ready }] } })
const pod = (name: string, { metadata = {}, spec = {}, status = { phase: 'Running' } }: { metadata?: object; spec?: object; status?: object } = {}) =>
  ({ metadata: { namespace: 'd', name, ...metadata }, spec, status })
const going = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 }
const names = (bed: TestBed) => bed.api.all(pods).map((p) => p.metadata.name)

test('pods of a node that is gone are deleted after a while, and say why', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'), node('b'))
  bed.api.seed(pods, pod('one', { spec: { nodeName: 'a' } }), pod('two', { spec: { nodeName: 'b' }, metadata: { finalizers: ['example.com/hold'] } }))
  await bed.start(podGarbageCollector())
  bed.api.vanish(nodes, 'b')
  await bed.idle()
  await bed.advance(39_000)
  expect(bed.api.read(pods, 'd/two')!.status.phase).toBe('Running')
  await bed.advance(2000)
  expect(bed.api.read(pods, 'd/two')).toMatchObject({
    metadata: { deletionGracePeriodSeconds: 0 },
    status: { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }] },
  })
  expect(bed.api.read(pods, 'd/one')!.metadata.deletionTimestamp).toBeUndefined()
})

test('a node that comes back in time keeps its pods', async () => {
  await using bed = createTestBed()
  bed.api.seed(pods, pod('one', { spec: { nodeName: 'a' } }))
  await bed.start(podGarbageCollector())
  await bed.advance(30_000)
  bed.api.seed(nodes, node('a'))
  await bed.advance(30_000)
  bed.api.vanish(nodes, 'a')
  await bed.advance(30_000)
  expect(names(bed)).toEqual(['one'])
  await bed.advance(11_000)
  expect(names(bed)).toEqual([])
})

test('what is on its way out and has no kubelet goes at once', async () => {
  await using bed = createTestBed()
  const outOfService = { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] }
  bed.api.seed(nodes, node('fine'), node('dead', outOfService, 'Unknown'), node('alive', outOfService))
  bed.api.seed(
    pods, pod('unscheduled', { metadata: going }), pod('waiting'), pod('fine', { metadata: going, spec: { nodeName: 'fine' } }),
    pod('dead', { metadata: going, spec: { nodeName: 'dead' } }), pod('stays', { spec: { nodeName: 'dead' } }), pod('alive', { metadata: going, spec: { nodeName: 'alive' } }),
  )
  await bed.start(podGarbageCollector())
  expect(names(bed)).toEqual(['waiting', 'fine', 'stays', 'alive'])
})

test('of pods that are over as many are kept as the threshold says, evicted ones go first', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'))
  const over = (name: string, reason?: string) => pod(name, { spec: { nodeName: 'a' }, status: { phase: 'Failed', reason }, metadata: { creationTimestamp: `2025-01-0${name}T00:00:00Z` } })
  bed.api.seed(pods, over('1'), over('2'), over('3', 'Evicted'), pod('runs', { spec: { nodeName: 'a' } }))
  await bed.start(podGarbageCollector({ terminatedPodGCThreshold: 1 }))
  expect(names(bed)).toHaveLength(4)
  await bed.advance(20_000)
  expect(names(bed)).toEqual(['2', 'runs'])
  expect(bed.clock.pending).toBe(0)
})
