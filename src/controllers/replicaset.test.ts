import { expect, test } from 'vitest'
import { forbidden } from '#apimachinery/api-error'
import { replicasets } from '#api/apps/v1/replica-set'
import { events } from '#api/core/v1/event'
import { pods } from '#api/core/v1/pod'
import { replicationcontrollers } from '#api/core/v1/replication-controller'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { runPods } from './pods/test-pods'
import { replicaset } from './replicaset'
import { replicationcontroller } from './replicationcontroller'

const set = (replicas: number, extra: object = {}) => ({
  metadata: { namespace: 'd', name: 'web', generation: 1 }, status: { replicas: 0 },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } }, ...extra },
})
const scale = (bed: TestBed, replicas: number) => bed.client.patch(replicasets, { namespace: 'd', name: 'web' }, { spec: { replicas } }, { type: 'merge' })
const statusOf = (bed: TestBed) => bed.api.read(replicasets, 'd/web')!.status
const reasons = (bed: TestBed) => bed.api.all(events).map((e) => `${e.type} ${e.reason}: ${e.message}`)

test('creates what is missing in batches, once, and counts', async () => {
  await using bed = createTestBed()
  bed.api.seed(replicasets, set(5))
  await bed.start(replicaset)
  expect(bed.api.all(pods)).toHaveLength(5)
  const pod = bed.api.all(pods)[0]!
  expect(pod.metadata.name).toMatch(/^web-/)
  expect(pod.metadata.ownerReferences).toMatchObject([{ kind: 'ReplicaSet', apiVersion: 'apps/v1', name: 'web', controller: true, blockOwnerDeletion: true }])
  expect(statusOf(bed)).toEqual({ replicas: 5, fullyLabeledReplicas: 5, terminatingReplicas: 0, observedGeneration: 1 })
  expect(reasons(bed)).toContain(`Normal SuccessfulCreate: Created pod: ${pod.metadata.name}`)
  await runPods(bed)
  expect(statusOf(bed)).toMatchObject({ readyReplicas: 5, availableReplicas: 5 })
  expect(bed.clock.pending).toBe(0)
})

test('replaces a pod that fails or goes, adopts a free one, releases one that is relabelled', async () => {
  await using bed = createTestBed()
  bed.api.seed(pods, { metadata: { namespace: 'd', name: 'free', labels: { app: 'web' } }, spec: {} })
  bed.api.seed(replicasets, set(2))
  await bed.start(replicaset)
  expect(bed.api.all(pods)).toHaveLength(2)
  expect(bed.api.read(pods, 'd/free')!.metadata.ownerReferences).toHaveLength(1)
  await bed.client.patch(pods, { namespace: 'd', name: 'free' }, { metadata: { labels: { app: 'debug' } } }, { type: 'merge' })
  await bed.idle()
  expect(bed.api.all(pods)).toHaveLength(3)
  expect(bed.api.read(pods, 'd/free')!.metadata.ownerReferences).toEqual([])
  const [victim] = bed.api.all(pods).filter((p) => p.metadata.name !== 'free')
  await runPods(bed, { phase: 'Failed', ready: false, where: (p) => p === victim })
  expect(bed.api.all(pods)).toHaveLength(4)
  expect(statusOf(bed).replicas).toBe(2)
})

test('deletes the pods that are cheapest to lose', async () => {
  await using bed = createTestBed()
  const owner = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'o', controller: true }] }
  const pod = (name: string, spec: object, status: object, metadata: object = {}) =>
    bed.api.seed(pods, { metadata: { namespace: 'd', name, labels: { app: 'web' }, ...owner, ...metadata }, spec, status })
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2025-06-01T00:00:00Z' }] }
  pod('kept', { nodeName: 'n1' }, ready)
  pod('dear', { nodeName: 'n2' }, ready, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '10' } })
  pod('crowded', { nodeName: 'n3' }, ready)
  pod('neighbour', { nodeName: 'n3' }, ready, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '10' } })
  pod('unready', { nodeName: 'n4' }, { phase: 'Running' })
  pod('pending', { nodeName: 'n4' }, { phase: 'Pending' })
  pod('unassigned', {}, { phase: 'Pending' })
  bed.api.seed(replicasets, { ...set(3), metadata: { namespace: 'd', name: 'web', uid: 'o', generation: 1 } })
  await bed.start(replicaset)
  const alive = bed.api.all(pods).filter((p) => !p.metadata.deletionTimestamp).map((p) => p.metadata.name)
  expect(alive).toEqual(['kept', 'dear', 'neighbour'])
  expect(statusOf(bed)).toMatchObject({ replicas: 3, terminatingReplicas: 3 })
})

test('a quota that refuses is asked once a batch, told as a condition and an event, and tried again', async () => {
  await using bed = createTestBed()
  let refused = 0
  const quota = bed.api.intercept((call) => {
    if (call.method === 'POST' && call.path.endsWith('/pods')) {
      refused++
      throw forbidden({ resource: 'pods' }, 'web-1', 'exceeded quota')
    }
  })
  bed.api.seed(replicasets, set(100))
  await bed.start(replicaset)
  expect(refused).toBeLessThan(10)
  expect(statusOf(bed).conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "web-1" is forbidden: exceeded quota' }])
  expect(reasons(bed)[0]).toEqual('Warning FailedCreate: Error creating: pods "web-1" is forbidden: exceeded quota')
  quota[Symbol.dispose]()
  await bed.advance(10_000)
  expect(bed.api.all(pods)).toHaveLength(100)
  expect(statusOf(bed).conditions).toBeUndefined()
})

test('pods become available after minReadySeconds, by the clock', async () => {
  await using bed = createTestBed()
  bed.api.seed(replicasets, set(1, { minReadySeconds: 30 }))
  await bed.start(replicaset)
  await runPods(bed)
  expect(statusOf(bed)).toMatchObject({ readyReplicas: 1 })
  expect(statusOf(bed).availableReplicas).toBeUndefined()
  await bed.advance(30_000)
  expect(statusOf(bed).availableReplicas).toBe(1)
})

test('scales up and down, and does nothing for a set on its way out', async () => {
  await using bed = createTestBed()
  bed.api.seed(replicasets, set(2))
  await bed.start(replicaset)
  await scale(bed, 4)
  await bed.idle()
  expect(bed.api.all(pods)).toHaveLength(4)
  await scale(bed, 1)
  await bed.idle()
  expect(bed.api.all(pods)).toHaveLength(1)
  await bed.client.delete(replicasets, { namespace: 'd', name: 'web' }, { propagationPolicy: 'Foreground' })
  bed.api.vanish(pods, `d/${bed.api.all(pods)[0]!.metadata.name}`)
  await bed.idle()
  expect(bed.api.all(pods)).toHaveLength(0)
})

test('a ReplicationController does the same by a plain map', async () => {
  await using bed = createTestBed()
  const spec = { replicas: 2, selector: { app: 'web' }, template: set(0).spec.template }
  bed.api.seed(replicationcontrollers, { metadata: { namespace: 'd', name: 'rc', generation: 1 }, spec, status: { replicas: 0 } })
  await bed.start(replicationcontroller)
  expect(bed.api.all(pods)[0]!.metadata.ownerReferences).toMatchObject([{ kind: 'ReplicationController', apiVersion: 'v1' }])
  expect(bed.api.read(replicationcontrollers, 'd/rc')!.status).toEqual({ replicas: 2, fullyLabeledReplicas: 2, observedGeneration: 1 })
})
