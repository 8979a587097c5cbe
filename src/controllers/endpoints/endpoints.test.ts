import { expect, test } from 'vitest'
import { endpoints as endpointsKind } from '#api/core/v1/endpoints'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { services } from '#api/core/v1/service'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { endpoints } from './endpoints'
import { endpointslice } from './endpointslice'

async function start(spec: object = {}): Promise<TestBed> {
  const bed = createTestBed()
  bed.api.seed(nodes, { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } } })
  bed.api.seed(services, {
    metadata: { namespace: 'd', name: 'web', labels: { team: 'a' } },
    spec: { type: 'ClusterIP', clusterIP: '10.0.0.1', ipFamilies: ['IPv4'], selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' }], ...spec },
  })
  await bed.start(endpointslice, endpoints)
  return bed
}
async function addPod(bed: TestBed, i: number, { ready = true, port = 8080, metadata = {} }: { ready?: boolean; port?: number; metadata?: object } = {}) {
  bed.api.seed(pods, {
    metadata: { namespace: 'd', name: `p${i}`, uid: `u${i}`, labels: { app: 'web' }, ...metadata },
    spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ name: 'web', containerPort: port, protocol: 'TCP' }] }] },
    status: { phase: 'Running', podIPs: [{ ip: `10.1.0.${i}` }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
  await bed.idle()
}
const slices = (bed: TestBed) => bed.api.all(endpointslices)
const addresses = (bed: TestBed) => slices(bed).flatMap((s) => (s.endpoints ?? []).flatMap((e) => e.addresses))

test('a service without pods says so in an empty slice; its first pod fills one', async () => {
  await using bed = await start()
  expect(slices(bed)).toMatchObject([{ endpoints: [], ports: [], addressType: 'IPv4' }])
  await addPod(bed, 1)
  expect(slices(bed)).toHaveLength(1)
  expect(slices(bed)[0]).toMatchObject({
    metadata: {
      labels: { team: 'a', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      ownerReferences: [{ kind: 'Service', name: 'web' }],
    },
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.1.0.1'], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'n1', zone: 'z1', targetRef: { kind: 'Pod', name: 'p1', uid: 'u1' } }],
  })
  expect(bed.api.read(endpointsKind, 'd/web')).toMatchObject({
    metadata: { labels: { team: 'a', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } },
    subsets: [{ addresses: [{ ip: '10.1.0.1', nodeName: 'n1' }], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }],
  })
})

test('readiness and termination show; a pod that is over goes', async () => {
  await using bed = await start()
  await addPod(bed, 1, { ready: false })
  await addPod(bed, 2, { metadata: { deletionTimestamp: 'now' } })
  const [notReady, going] = slices(bed)[0]!.endpoints!
  expect(notReady!.conditions).toEqual({ ready: false, serving: false, terminating: false })
  expect(going!.conditions).toEqual({ ready: false, serving: true, terminating: true })
  expect(bed.api.read(endpointsKind, 'd/web')!.subsets).toMatchObject([{ notReadyAddresses: [{ ip: '10.1.0.1' }] }])
  bed.api.vanish(pods, 'd/p1')
  bed.api.vanish(pods, 'd/p2')
  await bed.idle()
  expect(addresses(bed)).toEqual([])
  expect(bed.api.read(endpointsKind, 'd/web')!.subsets).toEqual([])
})

test('slices hold at most 100, endpoints stay where they are, pods with another port have slices of their own', async () => {
  await using bed = await start()
  for (let i = 1; i <= 150; i++) bed.api.seed(pods, {
    metadata: { namespace: 'd', name: `p${i}`, uid: `u${i}`, labels: { app: 'web' } }, spec: { containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 8080, protocol: 'TCP' }] }] },
    status: { phase: 'Running', podIPs: [{ ip: `10.1.1.${i}` }] },
  })
  await bed.idle()
  expect(slices(bed).map((s) => s.endpoints!.length).sort()).toEqual([100, 50])
  bed.writes()
  bed.api.vanish(pods, 'd/p1')
  await bed.idle()
  expect(bed.writes().filter((w) => w.includes('endpointslices'))).toHaveLength(1)
  await addPod(bed, 201, { port: 9090 })
  expect(slices(bed)).toHaveLength(3)
  expect(new Set(addresses(bed)).size).toBe(150)
})

test('a headless service says that it is; one for the node says which clients should prefer what', async () => {
  await using bed = await start({ clusterIP: 'None', trafficDistribution: 'PreferSameNode' })
  await addPod(bed, 1)
  expect(slices(bed)[0]!.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '')
  expect(slices(bed)[0]!.endpoints![0]!.hints).toEqual({ forZones: [{ name: 'z1' }], forNodes: [{ name: 'n1' }] })
})

test('nothing is written while nothing changes; another\'s slices are left alone', async () => {
  await using bed = await start()
  await addPod(bed, 1)
  bed.api.seed(endpointslices, { metadata: { namespace: 'd', name: 'by-hand', labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4', endpoints: [] })
  bed.writes()
  await addPod(bed, 1)
  expect(bed.writes()).toEqual([])
  expect(slices(bed)).toHaveLength(2)
})
