import { expect, test } from 'vitest'
import { endpoints as endpointsKind } from '#api/core/v1/endpoints'
import { services } from '#api/core/v1/service'
import { events } from '#api/core/v1/event'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { endpointsliceMirroring } from './endpointslice-mirroring'

const where = { namespace: 'd', name: 'db' }
const slices = (bed: TestBed) => bed.api.all(endpointslices)
async function start({ subsets = [{ addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }], notReadyAddresses: [{ ip: '192.0.2.2' }], ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }] as unknown[], labels = {}, annotations = {} } = {}) {
  const bed = createTestBed()
  bed.api.seed(services, { metadata: where, spec: { type: 'ClusterIP', clusterIP: '10.0.0.9', ports: [{ port: 5432, protocol: 'TCP' }] } })
  bed.api.seed(endpointsKind, { metadata: { ...where, uid: 'e1', labels, annotations }, subsets })
  await bed.start(endpointsliceMirroring)
  return bed
}

test('hand-written Endpoints become a slice for each address family, with their labels and annotations', async () => {
  await using bed = await start({ labels: { team: 'a' }, annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'endpoints.kubernetes.io/last-change-trigger-time': 't' } })
  const [four, six] = [...slices(bed)].sort((a, b) => (a.addressType < b.addressType ? -1 : 1))
  expect(four).toMatchObject({
    addressType: 'IPv4', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
    endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }, { addresses: ['192.0.2.2'], conditions: { ready: false } }],
  })
  expect(four!.metadata).toMatchObject({
    labels: { team: 'a', 'kubernetes.io/service-name': 'db', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: 'db', uid: 'e1', controller: true }],
  })
  expect(four!.metadata.annotations).toEqual({ note: 'x' })
  expect(six).toMatchObject({ addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] })
})

test('changes are written to the slice that is there; nothing is written for nothing', async () => {
  await using bed = await start({ subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 1, protocol: 'TCP' }] }] })
  const [before] = slices(bed)
  bed.writes()
  bed.api.seed(endpointsKind, { metadata: { ...where, uid: 'e1', annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': 'now' } }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 1, protocol: 'TCP' }] }] })
  await bed.idle()
  expect(bed.writes()).toEqual([])
  bed.api.seed(endpointsKind, { metadata: { ...where, uid: 'e1' }, subsets: [{ addresses: [{ ip: '192.0.2.7' }], ports: [{ port: 2, protocol: 'TCP' }] }] })
  await bed.idle()
  expect(slices(bed)).toMatchObject([{ metadata: { name: before!.metadata.name }, endpoints: [{ addresses: ['192.0.2.7'] }], ports: [{ port: 2 }] }])
})

test.each([
  ['its service has a selector', (bed: TestBed) => bed.api.seed(services, { metadata: where, spec: { type: 'ClusterIP', selector: { app: 'db' } } })],
  ['it asks not to be mirrored', (bed: TestBed) => bed.api.seed(endpointsKind, { metadata: { ...where, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, subsets: [] })],
  ['it is a lock', (bed: TestBed) => bed.api.seed(endpointsKind, { metadata: { ...where, annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }, subsets: [] })],
  ['it is gone', (bed: TestBed) => bed.api.vanish(endpointsKind, 'd/db')],
  ['its service is gone', (bed: TestBed) => bed.api.vanish(services, 'd/db')],
])('the slices go when %s', async (_why, change) => {
  await using bed = await start()
  expect(slices(bed)).toHaveLength(2)
  change(bed)
  await bed.idle()
  expect(slices(bed)).toEqual([])
})

test('what cannot be mirrored is told', async () => {
  const addresses = Array.from({ length: 1001 }, (_, i) => ({ ip: `10.${i >> 8}.${i & 255}.1` }))
  await using bed = await start({ subsets: [{ addresses: [{ ip: 'nowhere' }, ...addresses], ports: [{ port: 1, protocol: 'TCP' }] }] })
  expect(slices(bed)[0]!.endpoints).toHaveLength(1000)
  expect(bed.api.all(events).map(({ reason, message }) => `${reason}: ${message}`).sort()).toEqual([
    'InvalidIPAddress: Skipped 1 invalid IP addresses when mirroring to EndpointSlices',
    'TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped',
  ])
})
