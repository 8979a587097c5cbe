import { expect, test } from 'vitest'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { startTestBed } from './test-bed'
import { node, pod } from './test-objects'

test('a pod waits with its reason until a node is there that can take it, and is bound then', async () => {
  await using bed = await startTestBed()
  bed.api.seed(nodes, node('small', { cpu: '1' }))
  bed.api.seed(pods, pod('p', { cpu: '4' }))
  await bed.settle()
  expect(bed.nodeOf('p')).toBeUndefined()
  expect(bed.told).toEqual(['p FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'])
  expect(bed.api.read(pods, 'default/p')!.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.' }])

  bed.api.seed(nodes, node('large', { cpu: '8' }))
  await bed.settle()
  expect(bed.nodeOf('p'), 'its first back-off lasts a second').toBeUndefined()
  await bed.clock.advance(1000)
  await bed.settle()
  expect(bed.nodeOf('p')).toBe('large')
  expect(bed.told.at(-1)).toBe('p Scheduled: Successfully assigned default/p to large')
})

test('pods on their way count: two that fit alone do not share a node that holds one', async () => {
  await using bed = await startTestBed()
  bed.api.seed(nodes, node('only', { cpu: '4' }))
  bed.api.seed(pods, pod('a', { cpu: '3' }), pod('b', { cpu: '3' }))
  await bed.settle()
  expect([bed.nodeOf('a'), bed.nodeOf('b')]).toEqual(['only', undefined])
})

test('higher priority goes first; gates, other schedulers and idleness are respected', async () => {
  await using bed = await startTestBed()
  bed.api.seed(pods, pod('low', { cpu: '3' }), pod('high', { cpu: '3', priority: 10 }), pod('gated', { schedulingGates: [{ name: 'wait' }] }), pod('foreign', { schedulerName: 'other' }))
  await bed.settle()
  bed.api.seed(nodes, node('only', { cpu: '4' }))
  await bed.clock.advance(10_000)
  await bed.settle()
  expect(['low', 'high', 'gated', 'foreign'].map(bed.nodeOf)).toEqual([undefined, 'only', undefined, undefined])

  bed.api.vanish(pods, 'default/low')
  await bed.client.patch(pods, { namespace: 'default', name: 'gated' }, { spec: { schedulingGates: null } }, { type: 'merge' })
  await bed.settle()
  expect(bed.nodeOf('gated')).toBe('only')
})

test('a binding that the API refuses is tried again after a back-off, and nothing stays reserved', async () => {
  await using bed = await startTestBed()
  bed.api.seed(nodes, node('only', { cpu: '4' }))
  bed.refuse = 'the server is tired'
  bed.api.seed(pods, pod('p', { cpu: '3' }))
  await bed.settle()
  expect(bed.told).toEqual(['p FailedScheduling: binding rejected: the server is tired'])
  expect(bed.scheduler.snapshot.get('only')!.requested.milliCpu).toBe(0)
  bed.refuse = ''
  await bed.clock.advance(1000)
  await bed.settle()
  expect(bed.nodeOf('p')).toBe('only')
})

/** It stays for a while after it was deleted, as pods on real nodes do. */
const lingering = (one: Pod): Pod => ({ ...one, metadata: { ...one.metadata, finalizers: ['test/stays'] } })
const preempted = (bed: Awaited<ReturnType<typeof startTestBed>>) => bed.told.filter((line) => line.includes(' Preempted: '))

test('a pod of higher priority makes the least important leave, waits for the room and takes it; others may not', async () => {
  await using bed = await startTestBed()
  bed.api.seed(nodes, node('only', { cpu: '4' }))
  bed.api.seed(pods, pod('mid', { cpu: '1', priority: 5, nodeName: 'only' }), lingering(pod('low', { cpu: '2', priority: 1, nodeName: 'only' })), pod('top', { cpu: '1', priority: 100, nodeName: 'only' }))
  await bed.settle()
  bed.api.seed(pods, pod('important', { cpu: '2', priority: 50 }))
  await bed.settle()
  expect(preempted(bed)).toEqual(['low Preempted: Preempted by pod important on node only'])
  expect(bed.api.read(pods, 'default/low')!.status.conditions).toMatchObject([{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: 'default-scheduler: preempting to accommodate a higher priority pod' }])
  expect(bed.api.read(pods, 'default/important')!.status).toMatchObject({ nominatedNodeName: 'only', conditions: [{ reason: 'Unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' }] })

  // Somebody smaller of lower priority comes by while the room is being made.
  bed.api.vanish(pods, 'default/low')
  bed.api.seed(pods, pod('late', { cpu: '1', priority: 49 }))
  await bed.settle()
  expect(bed.nodeOf('late')).toBeUndefined()
  await bed.clock.advance(1000)
  await bed.settle()
  expect([bed.nodeOf('important'), bed.nodeOf('late')]).toEqual(['only', undefined])
})

test('nobody is told to leave twice, nor by a pod that may not, nor where it would not help', async () => {
  await using bed = await startTestBed()
  bed.api.seed(nodes, node('only', { cpu: '4' }), node('tiny', { cpu: '1' }))
  bed.api.seed(pods, lingering(pod('low', { cpu: '4', priority: 1, nodeName: 'only' })))
  await bed.settle()
  bed.api.seed(pods, pod('polite', { cpu: '3', priority: 50, preemptionPolicy: 'Never' }), pod('equal', { cpu: '2', priority: 1 }))
  await bed.settle()
  expect(preempted(bed)).toEqual([])
  expect(bed.told).toEqual([
    'polite FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    'equal FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
  ])

  bed.api.seed(pods, pod('important', { cpu: '2', priority: 50 }))
  await bed.settle()
  // A change that wakes it before the victim is gone.
  bed.api.seed(nodes, node('tiny', { cpu: '1500m' }))
  await bed.clock.advance(5000)
  await bed.settle()
  expect(preempted(bed)).toHaveLength(1)
  expect(bed.told.at(-1)).toContain('preemption: not eligible due to a terminating pod on the nominated node.')
})

test('a pod that claims devices waits, and is told that nobody gives them out', async () => {
  await using bed = await startTestBed()
  bed.api.seed(nodes, node('n'))
  bed.api.seed(pods, pod('p', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] }))
  await bed.settle()
  expect(bed.nodeOf('p')).toBeUndefined()
  expect(bed.told[0]).toContain('p FailedScheduling: 0/1 nodes are available: spec.resourceClaims: dynamic resource allocation is not built in this version.')
})
