import { expect, test } from 'vitest'
import { events } from '#api/core/v1/event'
import { services } from '#api/core/v1/service'
import { ipaddresses } from '#api/networking/v1/ip-address'
import { servicecidrs } from '#api/networking/v1/service-cidr'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { ipAddressRepair } from './ip-address-repair'
import { serviceCidr } from './service-cidr'

const range = (name: string, cidr: string, metadata: object = {}) => ({ metadata: { name, ...metadata }, spec: { cidrs: [cidr] } })
const address = (name: string, service: string, rest: object = {}) => ({
  metadata: { name, labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' }, ...rest },
  spec: { parentRef: { group: '', resource: 'services', namespace: 'd', name: service } },
})
const service = (name: string, ip: string, spec: object = {}) => ({ metadata: { namespace: 'd', name, creationTimestamp: '2025-01-01T00:00:00Z' }, spec: { type: 'ClusterIP', clusterIP: ip, clusterIPs: [ip], ...spec } })
const held = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['networking.k8s.io/service-cidr-finalizer'] }
const ready = (bed: TestBed, name: string) => bed.api.read(servicecidrs, name)?.status?.conditions?.find((c) => c.type === 'Ready')
const told = (bed: TestBed) => bed.api.all(events).map((e) => `${e.type} ${e.reason}: ${e.message}`)
const addresses = (bed: TestBed) => Object.fromEntries(bed.api.all(ipaddresses).map((a) => [a.metadata.name, a.spec.parentRef.name]))

test('a range is ready, and protected', async () => {
  await using bed = createTestBed()
  bed.api.seed(servicecidrs, range('kubernetes', '10.96.0.0/16'))
  await bed.start(serviceCidr)
  expect(bed.api.read(servicecidrs, 'kubernetes')!.metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer'])
  expect(ready(bed, 'kubernetes')).toMatchObject({ status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' })
})

test('a range that is deleted stays while addresses are of it alone', async () => {
  await using bed = createTestBed()
  bed.api.seed(servicecidrs, range('more', '10.97.0.0/24', held))
  bed.api.seed(ipaddresses, address('10.97.0.7', 's'))
  await bed.start(serviceCidr)
  expect(ready(bed, 'more')).toMatchObject({
    status: 'False', reason: 'Terminating', message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
  })
  bed.api.vanish(ipaddresses, '10.97.0.7')
  await bed.advance(5000)
  expect(bed.api.read(servicecidrs, 'more')).toBeDefined()
  await bed.advance(5000)
  expect(bed.api.read(servicecidrs, 'more')).toBeUndefined()
})

test('a range within another may go whatever its addresses', async () => {
  await using bed = createTestBed()
  bed.api.seed(servicecidrs, range('kubernetes', '10.96.0.0/12'), range('part', '10.97.0.0/24', held))
  bed.api.seed(ipaddresses, address('10.97.0.7', 's'))
  await bed.start(serviceCidr)
  await bed.advance(10_000)
  expect(bed.api.all(servicecidrs).map((r) => r.metadata.name)).toEqual(['kubernetes'])
})

test('repair makes what is missing or refers to nobody, and leaves what fits', async () => {
  await using bed = createTestBed()
  bed.api.seed(servicecidrs, range('kubernetes', '10.96.0.0/16'))
  bed.api.seed(services, service('fits', '10.96.0.1'), service('missing', '10.96.0.2'), service('wrong', '10.96.0.3'), service('out', '10.1.0.1'), service('headless', 'None'))
  const old = { creationTimestamp: '2025-01-01T00:00:00Z' }
  bed.api.seed(ipaddresses, address('10.96.0.1', 'fits', old), { ...address('10.96.0.3', 'x', old), spec: { parentRef: { group: 'example.com', resource: 'gateways', name: 'x' } } })
  await bed.start(ipAddressRepair)
  expect(addresses(bed)).toEqual({ '10.96.0.1': 'fits', '10.96.0.2': 'missing', '10.96.0.3': 'wrong' })
  expect(told(bed)).toContain('Warning ClusterIPNotAllocated: Cluster IP [IPv4]: 10.96.0.2 is not allocated; repairing')
  expect(told(bed)).toContain('Warning ClusterIPOutOfRange: Cluster IP [IPv4]: 10.1.0.1 is not within any configured Service CIDR; please recreate service')
  expect(bed.api.read(ipaddresses, '10.96.0.2')!.metadata.labels).toEqual({ 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' })
  bed.writes()
  bed.api.vanish(ipaddresses, '10.96.0.1')
  await bed.idle()
  expect(addresses(bed)['10.96.0.1']).toBe('fits')
})

test('two Services of one address are told, and neither loses it', async () => {
  await using bed = createTestBed()
  bed.api.seed(servicecidrs, range('kubernetes', '10.96.0.0/16'))
  bed.api.seed(services, service('one', '10.96.0.1'), service('two', '10.96.0.1'))
  bed.api.seed(ipaddresses, address('10.96.0.1', 'one'))
  await bed.start(ipAddressRepair)
  expect(addresses(bed)).toEqual({ '10.96.0.1': 'one' })
  expect(told(bed)).toEqual(['Warning ClusterIPAlreadyAllocated: Cluster IP [IPv4]:10.96.0.1 was assigned to multiple services; please recreate service'])
})

test('addresses of nobody go, once their Service cannot be on its way any more', async () => {
  await using bed = createTestBed()
  bed.api.seed(servicecidrs, range('kubernetes', '10.96.0.0/16'))
  bed.api.seed(services, service('moved', '10.96.0.9'))
  bed.api.seed(ipaddresses, address('10.96.0.9', 'moved'), address('10.96.0.5', 'nobody'), address('10.96.0.6', 'moved'), { ...address('10.96.0.7', 'x'), metadata: { name: '10.96.0.7' } })
  await bed.start(ipAddressRepair)
  expect(Object.keys(addresses(bed))).toHaveLength(4)
  await bed.advance(5000)
  expect(Object.keys(addresses(bed))).toEqual(['10.96.0.9', '10.96.0.5', '10.96.0.7'])
  await bed.advance(56_000)
  expect(Object.keys(addresses(bed))).toEqual(['10.96.0.9', '10.96.0.7'])
  expect(told(bed)).toContain('Warning IPAddressNotAllocated: IPAddress: 10.96.0.5 for Service d/nobody appears to have leaked: cleaning up')
  expect(told(bed)).toContain('Warning IPAddressWrongReference: IPAddress: 10.96.0.6 for Service d/moved has a wrong reference; cleaning up')
})
