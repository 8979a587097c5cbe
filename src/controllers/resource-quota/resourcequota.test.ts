import { expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { pods } from '#api/core/v1/pod'
import { resourcequotas } from '#api/core/v1/resource-quota'
import { services } from '#api/core/v1/service'
import type { ResourceRef } from '#apimachinery/resource'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { resourcequota } from './resourcequota'

const kinds: ResourceRef[] = [pods, services, persistentvolumeclaims, configmaps, resourcequotas]
const quota = (hard: Record<string, string>, spec: object = {}, status: object = {}) => ({ metadata: { namespace: 'd', name: 'q', uid: 'q' }, spec: { hard, ...spec }, status })
const pod = (name: string, { spec = {}, status = { phase: 'Running' }, metadata = {} }: { spec?: object; status?: object; metadata?: object } = {}) => ({
  metadata: { namespace: 'd', name, uid: name, ...metadata }, status,
  spec: { containers: [{ name: 'c', resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '1' } } }], ...spec },
})
const status = (bed: TestBed) => bed.api.read(resourcequotas, 'd/q')!.status
async function start(...seeds: [ResourceRef, ...unknown[]][]): Promise<TestBed> {
  const bed = createTestBed({ kinds })
  for (const [resource, ...objects] of seeds) bed.api.seed(resource, ...objects)
  await bed.start(resourcequota)
  return bed
}

test('says what is used of everything that is limited; pods that have ended do not count but as objects', async () => {
  const hard = { pods: '4', 'count/pods': '9', 'requests.cpu': '2', memory: '4Gi', 'limits.cpu': '8', 'services.nodeports': '2', 'services.loadbalancers': '1', 'requests.storage': '10Gi', 'count/configmaps': '5', configmaps: '5' }
  await using bed = await start(
    [resourcequotas, quota(hard)], [pods, pod('a'), pod('b'), pod('done', { status: { phase: 'Succeeded' } }), { ...pod('elsewhere'), metadata: { namespace: 'e', name: 'x', uid: 'x' } }],
    [services, { metadata: { namespace: 'd', name: 's' }, spec: { type: 'LoadBalancer', ports: [{ port: 1 }] } }],
    [persistentvolumeclaims, { metadata: { namespace: 'd', name: 'c' }, spec: { resources: { requests: { storage: '3Gi' } } } }],
    [configmaps, { metadata: { namespace: 'd', name: 'm' } }],
  )
  expect(status(bed)).toEqual({
    hard,
    used: { pods: '2', 'count/pods': '3', 'requests.cpu': '1', memory: '2Gi', 'limits.cpu': '2', 'services.nodeports': '1', 'services.loadbalancers': '1', 'requests.storage': '3Gi', 'count/configmaps': '1', configmaps: '1' },
  })
})

test.each([
  [{ scopes: ['BestEffort'] }, '1'], [{ scopes: ['NotBestEffort'] }, '3'], [{ scopes: ['Terminating'] }, '1'], [{ scopes: ['NotTerminating', 'NotBestEffort'] }, '2'],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } }, '1'],
  [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }] } }, '3'],
])('counts only what %j says', async (spec, used) => {
  await using bed = await start([resourcequotas, quota({ pods: '9' }, spec)], [pods,
    pod('plain'), pod('best', { spec: { containers: [{ name: 'c' }] } }), pod('ends', { spec: { activeDeadlineSeconds: 9, containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] } }), pod('high', { spec: { priorityClassName: 'high', containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] } }),
  ])
  expect(status(bed).used).toEqual({ pods: used })
})

test('what ends or goes is given back at once, and a changed limit is taken over', async () => {
  await using bed = await start([resourcequotas, quota({ pods: '3' })], [pods, pod('a'), pod('b'), pod('c')])
  bed.api.seed(pods, pod('a', { status: { phase: 'Failed' } }))
  await bed.idle()
  expect(status(bed).used).toEqual({ pods: '2' })
  bed.api.vanish(pods, 'd/b')
  await bed.idle()
  expect(status(bed).used).toEqual({ pods: '1' })
  bed.api.seed(resourcequotas, quota({ pods: '7', 'count/configmaps': '1' }, {}, status(bed)))
  await bed.idle()
  expect(status(bed)).toEqual({ hard: { pods: '7', 'count/configmaps': '1' }, used: { pods: '1', 'count/configmaps': '0' } })
})

test('a charge is left alone while its write may be on its way, and paid back when nothing came of it', async () => {
  await using bed = await start([resourcequotas, quota({ pods: '3' })], [pods, pod('a')])
  bed.api.seed(resourcequotas, quota({ pods: '3' }, {}, { hard: { pods: '3' }, used: { pods: '2' } }))
  await bed.idle()
  expect(status(bed).used).toEqual({ pods: '2' })
  await bed.advance(60_000)
  expect(status(bed).used).toEqual({ pods: '1' })
  bed.writes()
  await bed.advance(600_000)
  expect(bed.writes()).toEqual([])
})

test('a pod that should have been gone no longer counts', async () => {
  await using bed = createTestBed({ kinds })
  const deletionTimestamp = new Date(bed.clock.now() + 30_000).toISOString()
  bed.api.seed(resourcequotas, quota({ pods: '3' }))
  bed.api.seed(pods, pod('a', { metadata: { finalizers: ['x/y'], deletionTimestamp, deletionGracePeriodSeconds: 30 } }))
  await bed.start(resourcequota)
  expect(status(bed).used).toEqual({ pods: '1' })
  await bed.advance(59_000)
  expect(status(bed).used).toEqual({ pods: '1' })
  await bed.advance(1000)
  expect(status(bed).used).toEqual({ pods: '0' })
})

test('a kind that comes later is counted from then on', async () => {
  const widgets: ResourceRef = { group: 'example.com', version: 'v1', resource: 'widgets', kind: 'Widget', namespaced: true }
  const known = [...kinds]
  await using bed = createTestBed({ kinds: known })
  bed.api.seed(resourcequotas, quota({ 'count/widgets.example.com': '3' }))
  await bed.start(resourcequota)
  expect(status(bed).used ?? {}).toEqual({})
  known.push(widgets)
  bed.api.seed(widgets, { metadata: { namespace: 'd', name: 'w' } })
  bed.api.seed(customresourcedefinitions, { metadata: { name: 'widgets.example.com' }, spec: {} })
  await bed.advance(1000)
  expect(status(bed).used).toEqual({ 'count/widgets.example.com': '1' })
})
