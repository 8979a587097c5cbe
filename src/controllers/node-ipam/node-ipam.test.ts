import { expect, test } from 'vitest'
import { events } from '#api/core/v1/event'
import { nodes } from '#api/core/v1/node'
import { parseCidr } from '#base/cidr'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { createCidrSet } from './cidr-set'
import { nodeIpam } from './node-ipam'

const node = (name: string, spec: object = {}) => ({ metadata: { name }, spec })
const networks = (bed: TestBed) => Object.fromEntries(bed.api.all(nodes).map((n) => [n.metadata.name, n.spec.podCIDRs?.join()]))

test('every node gets a network; those that nodes have already are left alone', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'), node('b', { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] }))
  await bed.start(nodeIpam({ clusterCIDRs: ['10.244.0.0/16'] }))
  expect(networks(bed)).toEqual({ a: '10.244.1.0/24', b: '10.244.0.0/24' })
  expect(bed.api.read(nodes, 'a')!.spec.podCIDR).toBe('10.244.1.0/24')
  bed.api.seed(nodes, node('c'))
  await bed.idle()
  expect(networks(bed)).toMatchObject({ c: '10.244.2.0/24' })
  expect(bed.writes()).toEqual(['PATCH /api/v1/nodes/a', 'PATCH /api/v1/nodes/c'])
})

test('two families, and the addresses of Services stay free', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'))
  await bed.start(nodeIpam({ clusterCIDRs: ['10.0.0.0/16', 'fd00::/56'], serviceClusterIPRanges: ['10.0.0.0/23', 'fd00::/112'] }))
  expect(networks(bed)).toEqual({ a: '10.0.2.0/24,fd00:0:0:1::/64' })
})

test('tells when nothing is left, and gives what a node left behind to the next', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'))
  await bed.start(nodeIpam({ clusterCIDRs: ['10.0.0.0/24'] }))
  bed.api.seed(nodes, node('b'))
  await bed.idle()
  expect(networks(bed)).toEqual({ a: '10.0.0.0/24', b: undefined })
  expect(bed.api.all(events)[0]).toMatchObject({ type: 'Normal', reason: 'CIDRNotAvailable', message: 'Node b status is now: CIDRNotAvailable', source: { component: 'cidrAllocator' } })
  bed.api.vanish(nodes, 'a')
  await bed.advance(10_000)
  expect(networks(bed)).toEqual({ b: '10.0.0.0/24' })
})

test('a range that cannot be cut so is refused', () => {
  expect(() => nodeIpam({ clusterCIDRs: ['10.0.0.0/16', '10.1.0.0/16'] })).toThrow('cluster-cidr')
  expect(() => nodeIpam({ clusterCIDRs: ['fd00::/32'] })).toThrow('more than 65536')
  expect(() => nodeIpam({ clusterCIDRs: ['10.0.0.0/25'] })).toThrow('shorter')
})

test('a network may take several pieces, one outside of the range none', () => {
  const set = createCidrSet(parseCidr('10.0.0.0/22')!, 24)
  set.occupy(parseCidr('10.0.0.0/23')!)
  set.exclude(parseCidr('10.9.0.0/16')!)
  expect(() => set.occupy(parseCidr('10.9.0.0/24')!)).toThrow('out the range of cluster cidr 10.0.0.0/22')
  expect([set.allocate(), set.allocate(), set.allocate()].map((c) => c && c.base & 0xff00n)).toEqual([0x200n, 0x300n, undefined])
})
