import { expect, test } from 'vitest'
import { jobs } from '#api/batch/v1/job'
import { nodes } from '#api/core/v1/node'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { createTestBed } from '#controller-runtime/test-bed'
import { clusterRoleAggregation } from './clusterrole-aggregation'
import { ephemeralVolume } from './ephemeral-volume'
import { ttl } from './ttl'
import { ttlAfterFinished } from './ttl-after-finished'
import { persistentVolumeClaimProtection, persistentVolumeProtection, volumeAttributesClassProtection } from './volume-protection'
import { volumeattributesclasses } from '#api/storage/v1/volume-attributes-class'

test('jobs go some time after they ended', async () => {
  await using bed = createTestBed()
  const job = (name: string, seconds: number | undefined, type = 'Complete') => ({
    metadata: { namespace: 'd', name }, spec: { ttlSecondsAfterFinished: seconds }, status: { conditions: [{ type, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  })
  bed.api.seed(jobs, job('now', 0), job('later', 60, 'Failed'), job('kept', undefined), job('runs', 1, 'Suspended'), job('longer', 60))
  await bed.start(ttlAfterFinished)
  const left = () => bed.api.all(jobs).filter((j) => !j.metadata.deletionTimestamp).map((j) => j.metadata.name)
  expect(left()).toEqual(['later', 'kept', 'runs', 'longer'])
  expect(bed.api.read(jobs, 'd/now')!.metadata.finalizers).toEqual(['foregroundDeletion'])
  await bed.client.patch(jobs, { namespace: 'd', name: 'longer' }, { spec: { ttlSecondsAfterFinished: 600 } }, { type: 'merge' })
  await bed.advance(60_000)
  expect(left()).toEqual(['kept', 'runs', 'longer'])
})

test('cluster roles are made of others', async () => {
  await using bed = createTestBed()
  const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] })
  const part = (name: string, labels: object, ...rules: object[]) => ({ metadata: { name, labels }, rules })
  bed.api.seed(clusterroles, { metadata: { name: 'view' }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { view: 'true' } }] }, rules: [] })
  bed.api.seed(clusterroles, part('b', { view: 'true' }, rule('pods'), rule('services')), part('a', { view: 'true' }, rule('services')), part('c', {}, rule('secrets')))
  await bed.start(clusterRoleAggregation)
  const resources = () => bed.api.read(clusterroles, 'view')!.rules!.map((r) => r.resources![0])
  expect(resources()).toEqual(['services', 'pods'])
  bed.api.seed(clusterroles, part('c', { view: 'true' }, rule('secrets')))
  await bed.idle()
  expect(resources()).toEqual(['services', 'pods', 'secrets'])
  bed.writes()
  await bed.idle()
  expect(bed.writes()).toEqual([])
})

test('kubelets of larger clusters may keep what they read for longer', async () => {
  await using bed = createTestBed()
  const add = (from: number, to: number) => {
    for (let i = from; i < to; i++) bed.api.seed(nodes, { metadata: { name: `n${i}` }, spec: {} })
  }
  add(0, 100)
  await bed.start(ttl)
  const seen = () => [...new Set(bed.api.all(nodes).map((n) => n.metadata.annotations!['node.alpha.kubernetes.io/ttl']))]
  expect(seen()).toEqual(['0'])
  add(100, 101)
  await bed.idle()
  expect(seen()).toEqual(['15'])
  for (let i = 90; i < 101; i++) bed.api.vanish(nodes, `n${i}`)
  await bed.idle()
  expect(seen()).toEqual(['15'])
  bed.api.vanish(nodes, 'n0')
  await bed.idle()
  expect(seen()).toEqual(['0'])
})

const going = '2026-01-01T00:00:00Z'

test('a claim stays while a pod on a node uses it', async () => {
  await using bed = createTestBed()
  const claim = (name: string, metadata: object = {}) => ({ metadata: { namespace: 'd', name, ...metadata }, spec: {} })
  const held = { deletionTimestamp: going, finalizers: ['kubernetes.io/pvc-protection'] }
  const pod = (name: string, nodeName?: string) => ({ metadata: { namespace: 'd', name }, spec: { nodeName, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: name } }] }, status: {} })
  bed.api.seed(persistentvolumeclaims, claim('new'), claim('used', held), claim('waited', held), claim('free', held))
  bed.api.seed(pods, pod('used', 'a'), pod('waited'))
  await bed.start(persistentVolumeClaimProtection)
  expect(bed.api.all(persistentvolumeclaims).map((c) => c.metadata.name)).toEqual(['new', 'used'])
  expect(bed.api.read(persistentvolumeclaims, 'd/new')!.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  bed.api.vanish(pods, 'd/used')
  await bed.idle()
  expect(bed.api.all(persistentvolumeclaims).map((c) => c.metadata.name)).toEqual(['new'])
})

test('a volume stays while it is bound', async () => {
  await using bed = createTestBed()
  const volume = (name: string, phase: string) => ({ metadata: { name, deletionTimestamp: going, finalizers: ['kubernetes.io/pv-protection'] }, spec: {}, status: { phase } })
  bed.api.seed(persistentvolumes, volume('bound', 'Bound'), volume('free', 'Released'), { metadata: { name: 'new' }, spec: {} })
  await bed.start(persistentVolumeProtection)
  expect(bed.api.all(persistentvolumes).map((v) => v.metadata.name)).toEqual(['bound', 'new'])
  expect(bed.api.read(persistentvolumes, 'new')!.metadata.finalizers).toEqual(['kubernetes.io/pv-protection'])
  bed.api.seed(persistentvolumes, volume('bound', 'Released'))
  await bed.idle()
  expect(bed.api.all(persistentvolumes).map((v) => v.metadata.name)).toEqual(['new'])
})

test('a class of volume attributes stays while a claim or a volume has it', async () => {
  await using bed = createTestBed()
  const held = { deletionTimestamp: going, finalizers: ['kubernetes.io/vac-protection'] }
  const named = (name: string, metadata: object = held) => ({ metadata: { name, ...metadata }, driverName: 'd' })
  bed.api.seed(volumeattributesclasses, named('new', {}), named('asked'), named('had'), named('aimed-at'), named('of-volume'), named('free'))
  bed.api.seed(persistentvolumeclaims,
    { metadata: { namespace: 'd', name: 'asks' }, spec: { volumeAttributesClassName: 'asked' } },
    { metadata: { namespace: 'd', name: 'has' }, spec: {}, status: { currentVolumeAttributesClassName: 'had', modifyVolumeStatus: { targetVolumeAttributesClassName: 'aimed-at', status: 'Pending' } } })
  bed.api.seed(persistentvolumes, { metadata: { name: 'v' }, spec: { volumeAttributesClassName: 'of-volume' } })
  await bed.start(volumeAttributesClassProtection)
  const left = (): string[] => bed.api.all(volumeattributesclasses).map(({ metadata }) => metadata.name).sort()
  expect(left()).toEqual(['aimed-at', 'asked', 'had', 'new', 'of-volume'])
  expect(bed.api.read(volumeattributesclasses, 'new')!.metadata.finalizers).toEqual(['kubernetes.io/vac-protection'])
  bed.api.vanish(persistentvolumeclaims, 'd/has')
  bed.api.vanish(persistentvolumes, 'v')
  await bed.idle()
  expect(left()).toEqual(['asked', 'new'])
})

test('volumes that live as long as their pod get claims of its own, again when one goes, and none that is taken', async () => {
  await using bed = createTestBed()
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const volumes = ['data', 'cache'].map((name) => ({ name, ephemeral: { volumeClaimTemplate: { metadata: { labels: { of: name } }, spec } } }))
  bed.api.seed(persistentvolumeclaims, { metadata: { namespace: 'd', name: 'p-cache' }, spec, status: {} })
  bed.api.seed(pods, { metadata: { namespace: 'd', name: 'p', uid: 'u' }, spec: { volumes }, status: {} }, { metadata: { namespace: 'd', name: 'over' }, spec: { volumes }, status: { phase: 'Failed' } })
  await bed.start(ephemeralVolume)
  const claims = () => bed.api.all(persistentvolumeclaims).map(({ metadata }) => metadata.name).sort()
  expect(claims()).toEqual(['p-cache', 'p-data'])
  expect(bed.api.read(persistentvolumeclaims, 'd/p-data')).toMatchObject({ metadata: { labels: { of: 'data' }, ownerReferences: [{ kind: 'Pod', name: 'p', uid: 'u', controller: true }] }, spec })
  expect(bed.api.read(persistentvolumeclaims, 'd/p-cache')!.metadata.ownerReferences).toBeUndefined()
  bed.api.vanish(persistentvolumeclaims, 'd/p-data')
  await bed.idle()
  expect(claims()).toEqual(['p-cache', 'p-data'])
})
