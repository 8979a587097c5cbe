import { expect, test } from 'vitest'
import { nodes } from '#api/core/v1/node'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import { storageclasses } from '#api/storage/v1/storage-class'
import { startTestBed } from '../test-bed'
import { node, pod } from '../test-objects'

const on = (name: string) => ({ nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }] } } })
const volume = (name: string, { labels = {}, phase = 'Available', ...spec }: Record<string, unknown> & { labels?: Record<string, string>; phase?: string } = {}) => ({
  metadata: { name, labels }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'wait', volumeMode: 'Filesystem', local: { path: `/mnt/${name}` }, ...spec }, status: { phase },
})
const claim = (name: string, { bound, ...spec }: Record<string, unknown> & { bound?: string } = {}) => ({
  metadata: { namespace: 'default', name, annotations: bound ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {} },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'wait', ...(bound ? { volumeName: bound } : {}), ...spec },
  status: { phase: bound ? 'Bound' : 'Pending' },
})
const using = (name: string, claimName: string, more = {}) => pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }], ...more })
const waiting = { metadata: { name: 'wait' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }
const immediate = { metadata: { name: 'now' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'Immediate' }
const helpless = ' preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.'

async function bedWith() {
  const bed = await startTestBed()
  bed.api.seed(nodes, node('a'), node('b'))
  bed.api.seed(storageclasses, waiting, immediate)
  return bed
}
type Bed = Awaited<ReturnType<typeof bedWith>>
/** What the binder does once a volume is kept for a claim. */
async function finishBinding(bed: Bed, name: string): Promise<string> {
  const { spec, metadata } = bed.api.all(persistentvolumes).find((one) => one.spec.claimRef?.name === name)!
  expect([spec.claimRef!.uid, metadata.annotations]).toEqual([bed.api.read(persistentvolumeclaims, `default/${name}`)!.metadata.uid, { 'pv.kubernetes.io/bound-by-controller': 'yes' }])
  await bed.client.patch(persistentvolumeclaims, { namespace: 'default', name }, { metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }, spec: { volumeName: metadata.name } }, { type: 'merge' })
  await bed.settle()
  return metadata.name
}

test.each<[why: string, claims: ReturnType<typeof claim>[], volumes: ReturnType<typeof volume>[], message: string]>([
  ['there is no such claim', [], [], '0/2 nodes are available: persistentvolumeclaim "data" not found.'],
  ['a claim that is to be bound at once', [claim('data', { storageClassName: 'now' })], [], '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.'],
  ['no volume is left for a claim that waits', [claim('data')], [volume('v', { phase: 'Bound' })], "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind."],
  ['its volume is on no node of these', [claim('data', { bound: 'v' })], [volume('v', on('c'))], "0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity."],
  ['its volume is gone', [claim('data', { bound: 'v' })], [], '0/2 nodes are available: 2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s).'],
])('a pod waits: %s', async (_why, claims, volumes, message) => {
  await using bed = await bedWith()
  bed.api.seed(persistentvolumes, ...volumes)
  bed.api.seed(persistentvolumeclaims, ...claims)
  bed.api.seed(pods, using('p', 'data'))
  await bed.settle()
  expect(bed.told).toEqual([`p FailedScheduling: ${message}${helpless}`])
})

test('a pod follows its volume; one whose claim comes later is woken', async () => {
  await using bed = await bedWith()
  bed.api.seed(persistentvolumes, volume('v', { ...on('b'), phase: 'Bound' }))
  bed.api.seed(pods, using('p', 'data'))
  await bed.settle()
  bed.api.seed(persistentvolumeclaims, claim('data', { bound: 'v' }))
  await bed.clock.advance(1000)
  await bed.settle()
  expect(bed.nodeOf('p')).toBe('b')
})

test('claims that wait for their pod get volumes on its node, each its own; the pods are bound when the claims are', async () => {
  await using bed = await bedWith()
  bed.api.seed(persistentvolumes, volume('v1', on('a')), volume('v2', on('a')))
  bed.api.seed(persistentvolumeclaims, claim('one'), claim('two'), claim('three'))
  bed.api.seed(pods, using('p1', 'one'), using('p2', 'two'), using('p3', 'three'))
  await bed.settle()
  expect(['p1', 'p2', 'p3'].map(bed.nodeOf)).toEqual([undefined, undefined, undefined])
  expect(bed.told).toEqual([`p3 FailedScheduling: 0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.${helpless}`])
  expect(await finishBinding(bed, 'one')).not.toBe(await finishBinding(bed, 'two'))
  expect(['p1', 'p2', 'p3'].map(bed.nodeOf)).toEqual(['a', 'a', undefined])
})

test('a provisioner is told the node, and its refusal sends the pod elsewhere', async () => {
  await using bed = await bedWith()
  bed.api.seed(storageclasses, { ...waiting, provisioner: 'example.com/disk', allowedTopologies: [{ matchLabelExpressions: [{ key: 'kubernetes.io/hostname', values: ['b'] }] }] })
  bed.api.seed(persistentvolumeclaims, claim('data'))
  bed.api.seed(pods, using('p', 'data'))
  await bed.settle()
  expect(bed.api.read(persistentvolumeclaims, 'default/data')!.metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'b' })
  await bed.client.patch(persistentvolumeclaims, { namespace: 'default', name: 'data' }, { metadata: { annotations: { 'volume.kubernetes.io/selected-node': null } } }, { type: 'merge' })
  await bed.settle()
  expect(bed.told).toEqual(['p FailedScheduling: binding rejected: running PreBind plugin "VolumeBinding": provisioning failed for PVC "data"'])
  expect(bed.scheduler.snapshot.get('b')!.pods.size).toBe(0)
})

test('zones of volumes by their labels; a claim for one pod alone is fought for by priority', async () => {
  await using bed = await bedWith()
  const zone = (name: string) => ({ 'topology.kubernetes.io/zone': name })
  bed.api.seed(nodes, node('a', { labels: zone('east') }), node('b', { labels: zone('west') }))
  bed.api.seed(persistentvolumes, volume('v', { labels: zone('west__north'), phase: 'Bound' }))
  bed.api.seed(persistentvolumeclaims, claim('data', { bound: 'v', accessModes: ['ReadWriteOncePod'] }))
  bed.api.seed(pods, using('p', 'data'))
  await bed.settle()
  expect(bed.nodeOf('p')).toBe('b')
  bed.api.seed(pods, using('q', 'data'))
  await bed.settle()
  expect(bed.told.at(-1)).toContain('q FailedScheduling: 0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. preemption: 0/2 nodes are available: ')
  bed.api.seed(pods, using('r', 'data', { priority: 5 }))
  await bed.settle()
  expect(bed.told).toContain('p Preempted: Preempted by pod r on node b')
})
