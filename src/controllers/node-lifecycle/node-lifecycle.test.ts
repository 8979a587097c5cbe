import { expect, test } from 'vitest'
import { leases } from '#api/coordination/v1/lease'
import { events } from '#api/core/v1/event'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { createFakeClock } from '#base/fake-clock'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { nodeLifecycle } from './node-lifecycle'
import { createZones } from './zones'

const ready = (status = 'True') => ({ type: 'Ready', status, reason: 'KubeletReady', lastHeartbeatTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' })
const node = (name: string, { conditions = [ready()], spec = {}, labels = {} }: { conditions?: object[]; spec?: object; labels?: object } = {}) => ({ metadata: { name, labels }, spec, status: { conditions } })
const renew = (bed: TestBed, name: string) =>
  bed.api.seed(leases, { metadata: { namespace: 'kube-node-lease', name }, spec: { renewTime: new Date(bed.clock.now()).toISOString().replace('Z', '000Z') } })
const taints = (bed: TestBed, name: string) => (bed.api.read(nodes, name)!.spec.taints ?? []).map((t) => `${t.key.replace('node.kubernetes.io/', '')}:${t.effect}`)
const condition = (bed: TestBed, name: string, type = 'Ready') => bed.api.read(nodes, name)!.status.conditions!.find((c) => c.type === type)
const told = (bed: TestBed) => bed.api.all(events).map((e) => `${e.type} ${e.reason}: ${e.message}`)
const rates = { evictionRate: 0.1, secondaryEvictionRate: 0.01, largeClusterSizeThreshold: 50, unhealthyZoneThreshold: 0.55 }

test('a node that is silent is unknown, tainted, and its pods are not ready; when it is back all is as it was', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'), node('b'))
  renew(bed, 'a')
  renew(bed, 'b')
  bed.api.seed(pods, { metadata: { namespace: 'd', name: 'p' }, spec: { nodeName: 'b' }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }, { type: 'Initialized', status: 'True' }] } })
  await bed.start(nodeLifecycle())
  expect(told(bed)).toContain('Normal RegisteredNode: Node a event: Registered Node a in Controller')
  for (let i = 0; i < 5; i++) {
    await bed.advance(10_000)
    renew(bed, 'a')
  }
  expect(condition(bed, 'a')!.status).toBe('True')
  expect(condition(bed, 'b')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' })
  expect(condition(bed, 'b', 'DiskPressure')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' })
  expect(taints(bed, 'b')).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute'])
  expect(bed.api.read(nodes, 'b')!.spec.taints![0]!.timeAdded).toMatch(/^2026-01-01T00:00:5/)
  expect(bed.api.read(pods, 'd/p')!.status.conditions!.map((c) => c.status)).toEqual(['False', 'True'])
  expect(told(bed)).toContain('Normal NodeNotReady: Node b status is now: NodeNotReady')
  expect(told(bed)).toContain('Warning NodeNotReady: Node is not ready')

  bed.api.seed(nodes, { ...bed.api.read(nodes, 'b')!, status: { conditions: [{ ...ready(), lastHeartbeatTime: '2026-01-01T00:02:00Z' }] } })
  await bed.idle()
  expect(taints(bed, 'b')).toEqual([])
})

test('leases wake nobody as long as they are renewed', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'))
  renew(bed, 'a')
  await bed.start(nodeLifecycle())
  bed.writes()
  for (let i = 0; i < 20; i++) {
    renew(bed, 'a')
    await bed.advance(10_000)
  }
  expect(bed.writes()).toEqual([])
  expect(bed.clock.pending).toBe(1)
})

test('taints follow the conditions; those of others stay', async () => {
  await using bed = createTestBed()
  const pressure = { type: 'MemoryPressure', status: 'True' }
  bed.api.seed(nodes, node('a'), node('b', { conditions: [ready(), pressure], spec: { unschedulable: true, taints: [{ key: 'x', effect: 'NoSchedule' }, { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }] } }), node('c', { conditions: [ready('False')] }))
  await bed.start(nodeLifecycle())
  expect(taints(bed, 'a')).toEqual([])
  expect(taints(bed, 'b')).toEqual(['x:NoSchedule', 'memory-pressure:NoSchedule', 'unschedulable:NoSchedule'])
  expect(taints(bed, 'c')).toEqual(['not-ready:NoSchedule', 'not-ready:NoExecute'])
})

test('nodes are given up one by one, and none while no node answers', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, ...['a', 'b', 'c', 'd', 'e'].map((name) => node(name, { conditions: [ready(name > 'c' ? 'False' : 'True')] })))
  for (const name of ['a', 'b', 'c']) renew(bed, name)
  await bed.start(nodeLifecycle())
  const evicted = () => ['a', 'b', 'c', 'd', 'e'].filter((name) => taints(bed, name).some((t) => t.endsWith(':NoExecute')))
  expect(evicted()).toEqual(['d'])
  await bed.advance(10_000)
  expect(evicted()).toEqual(['d', 'e'])
  await bed.advance(50_000)
  // Now all are silent.
  expect(condition(bed, 'a')!.status).toBe('Unknown')
  expect(evicted()).toEqual([])
  expect(taints(bed, 'a')).toEqual(['unreachable:NoSchedule'])
  for (const name of ['a', 'b', 'c']) bed.api.seed(nodes, { ...bed.api.read(nodes, name)!, status: { conditions: [{ ...ready(), lastHeartbeatTime: '2026-01-01T00:02:00Z' }] } })
  await bed.idle()
  expect(evicted()).toHaveLength(1)
})

test('a zone that is partly down is evicted slowly when it is large, and not at all when it is small', () => {
  const clock = createFakeClock()
  const zone = (size: number) => {
    const zones = createZones(rates, clock)
    zones.set('other', 'z2', true, true)
    for (let i = 0; i < size; i++) zones.set(`n${i}`, 'z', i % 3 === 0, true)
    return zones
  }
  expect(zone(9).take('z')).toBeUndefined()
  const large = zone(60)
  expect([large.take('z'), large.take('z')]).toEqual([0, 100_000])
  expect(large.take('z2')).toBe(0)
})

test('a pod that is put onto a silent node, old labels, and a node that goes', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a', { labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' } }), node('b', { conditions: [ready('Unknown')] }))
  renew(bed, 'a')
  await bed.start(nodeLifecycle())
  expect(bed.api.read(nodes, 'a')!.metadata.labels).toMatchObject({ 'beta.kubernetes.io/os': 'linux', 'beta.kubernetes.io/arch': 'amd64' })
  bed.api.seed(pods, { metadata: { namespace: 'd', name: 'p' }, spec: { nodeName: 'b' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } })
  await bed.idle()
  expect(bed.api.read(pods, 'd/p')!.status.conditions![0]!.status).toBe('False')
  bed.api.vanish(nodes, 'b')
  await bed.idle()
  expect(told(bed)).toContain('Normal RemovingNode: Node b event: Removing Node b from Controller')
})

test('a node that never says anything has a little longer', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'), node('mute', { conditions: [] }))
  await bed.start(nodeLifecycle())
  await bed.advance(55_000)
  expect(condition(bed, 'mute')).toBeUndefined()
  await bed.advance(6000)
  expect(condition(bed, 'mute')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated' })
})
