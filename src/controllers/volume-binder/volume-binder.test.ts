import { expect, test } from 'vitest'
import { events } from '#api/core/v1/event'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import { storageclasses } from '#api/storage/v1/storage-class'
import { createTestBed, type TestBed } from '#controller-runtime/test-bed'
import { localVolumeProvisioner } from './local-provisioner'
import { persistentVolumeBinder } from './persistentvolume-binder'

const volume = (name: string, { storage = '1Gi', phase = 'Available', ...spec }: Record<string, unknown> & { storage?: string; phase?: string } = {}) => ({
  metadata: { name },
  spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', hostPath: { path: `/tmp/${name}` }, ...spec },
  status: { phase },
})
const claim = (name: string, { storage = '1Gi', ...spec }: Record<string, unknown> & { storage?: string } = {}) => ({
  metadata: { namespace: 'd', name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...spec }, status: { phase: 'Pending' },
})
const claimed = (bed: TestBed, name: string) => bed.api.read(persistentvolumeclaims, `d/${name}`)!
const phaseOf = (bed: TestBed, name: string) => bed.api.read(persistentvolumes, name)?.status.phase
const told = (bed: TestBed): string[] => bed.api.all(events).map(({ involvedObject, type, reason, message }) => `${involvedObject.name} ${type} ${reason}: ${message}`)

test('a claim gets the smallest volume that suits it; both sides say so', async () => {
  await using bed = createTestBed()
  bed.api.seed(persistentvolumes, volume('large', { storage: '8Gi' }), volume('fitting', { storage: '2Gi' }), volume('small', { storage: '500Mi' }), volume('other', { storageClassName: 'fast' }))
  bed.api.seed(persistentvolumeclaims, claim('data'))
  await bed.start(persistentVolumeBinder())
  expect(claimed(bed, 'data')).toMatchObject({
    metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' } },
    spec: { volumeName: 'fitting' }, status: { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'] },
  })
  const { metadata, spec, status } = bed.api.read(persistentvolumes, 'fitting')!
  expect(spec.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', namespace: 'd', name: 'data', uid: claimed(bed, 'data').metadata.uid })
  expect([metadata.annotations, status.phase]).toEqual([{ 'pv.kubernetes.io/bound-by-controller': 'yes' }, 'Bound'])
  expect(['large', 'small', 'other'].map((name) => phaseOf(bed, name))).toEqual(['Available', 'Available', 'Available'])
})

test('two claims do not get one volume; the second is bound when another volume comes', async () => {
  await using bed = createTestBed()
  bed.api.seed(persistentvolumes, volume('one'))
  bed.api.seed(persistentvolumeclaims, claim('a'), claim('b'))
  await bed.start(persistentVolumeBinder())
  expect([claimed(bed, 'a').spec.volumeName, claimed(bed, 'b').spec.volumeName]).toEqual(['one', undefined])
  expect(told(bed)).toContain('b Normal FailedBinding: no persistent volumes available for this claim and no storage class is set')
  bed.api.seed(persistentvolumes, volume('two', { phase: 'Pending' }))
  await bed.idle()
  expect(claimed(bed, 'b').spec.volumeName).toBe('two')
})

test.each([
  ['Retain', {}, 'Released', undefined, []],
  ['Delete', { hostPath: { path: '/tmp/v/x' } }, undefined, ['/tmp/v/x'], []],
  ['Delete', { hostPath: { path: '/srv/x' } }, 'Failed', undefined, ['host_path deleter only supports /tmp/.+ but received provided /srv/x']],
  ['Delete', { hostPath: { path: '/tmp/../srv/x' } }, 'Failed', undefined, ['host_path deleter only supports /tmp/.+ but received provided /tmp/../srv/x']],
  ['Delete', { hostPath: undefined, local: { path: '/srv/x' } }, 'Failed', undefined, ['error getting deleter volume plugin for volume "v": no deletable volume plugin matched']],
  ['Recycle', {}, 'Failed', undefined, ['No recycler plugin found for the volume!']],
])('a volume whose claim goes: %s %j', async (persistentVolumeReclaimPolicy, more, phase, removed = [] as string[], words) => {
  await using bed = createTestBed()
  const gone: string[] = []
  bed.api.seed(persistentvolumes, volume('v', { persistentVolumeReclaimPolicy, ...more }))
  bed.api.seed(persistentvolumeclaims, claim('data'))
  await bed.start(persistentVolumeBinder({ removeDirectory: async (path) => void gone.push(path) }))
  expect(phaseOf(bed, 'v')).toBe('Bound')
  bed.api.vanish(persistentvolumeclaims, 'd/data')
  await bed.idle()
  expect(phaseOf(bed, 'v')).toBe(phase)
  expect(gone).toEqual(removed)
  expect(bed.api.all(events).filter(({ type }) => type === 'Warning').map(({ message }) => message)).toEqual(words)

  // The same name again is another claim.
  bed.api.seed(persistentvolumeclaims, claim('data'))
  await bed.idle()
  expect(claimed(bed, 'data').status.phase).toBe('Pending')
})

test('what waits for its first consumer is left to the scheduler; provisioners are asked by annotation; classes that are missing are named', async () => {
  await using bed = createTestBed()
  bed.api.seed(storageclasses, { metadata: { name: 'wait' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }, { metadata: { name: 'fast' }, provisioner: 'example.com/disk', volumeBindingMode: 'Immediate' })
  bed.api.seed(persistentvolumes, volume('v', { storageClassName: 'wait' }))
  bed.api.seed(persistentvolumeclaims, claim('a', { storageClassName: 'wait' }), claim('b', { storageClassName: 'fast' }), claim('c', { storageClassName: 'none' }))
  await bed.start(persistentVolumeBinder())
  expect(['a', 'b', 'c'].map((name) => claimed(bed, name).status.phase)).toEqual(['Pending', 'Pending', 'Pending'])
  expect(claimed(bed, 'b').metadata.annotations).toEqual({ 'volume.kubernetes.io/storage-provisioner': 'example.com/disk', 'volume.beta.kubernetes.io/storage-provisioner': 'example.com/disk' })
  expect(told(bed)).toEqual(expect.arrayContaining([
    'a Normal WaitForFirstConsumer: waiting for first consumer to be created before binding',
    expect.stringContaining("b Normal ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com/disk'"),
    'c Warning ProvisioningFailed: storageclass.storage.k8s.io "none" not found',
  ]))
  bed.api.seed(pods, { metadata: { namespace: 'd', name: 'p' }, spec: { volumes: [{ name: 'x', persistentVolumeClaim: { claimName: 'a' } }] }, status: {} })
  await bed.idle()
  expect(told(bed)).toContain('a Normal WaitForPodScheduled: waiting for pod p to be scheduled')

  // The scheduler keeps the volume for the claim; the binder finishes.
  await bed.client.patch(persistentvolumes, { name: 'v' }, { spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace: 'd', name: 'a' } } }, { type: 'merge' })
  await bed.idle()
  expect([claimed(bed, 'a').spec.volumeName, phaseOf(bed, 'v')]).toEqual(['v', 'Bound'])
})

test('a default class that comes later is entered; a volume by name must fit; a lost volume is told', async () => {
  await using bed = createTestBed()
  bed.api.seed(persistentvolumes, volume('small', { storage: '1Mi' }), volume('v', { storage: '2Gi' }))
  bed.api.seed(persistentvolumeclaims, claim('named', { volumeName: 'small' }), claim('data'), claim('late', { storage: '10Gi' }))
  await bed.start(persistentVolumeBinder())
  expect(told(bed)).toContain('named Warning VolumeMismatch: Cannot bind to requested volume "small": requested PV is too small')
  bed.api.seed(storageclasses, { metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'example.com/disk', volumeBindingMode: 'Immediate' })
  await bed.idle()
  expect(claimed(bed, 'late').spec.storageClassName).toBe('standard')
  expect(claimed(bed, 'data').status.phase).toBe('Bound')
  bed.api.vanish(persistentvolumes, 'v')
  await bed.idle()
  expect(claimed(bed, 'data').status.phase).toBe('Lost')
  expect(told(bed)).toContain('data Warning ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!')
})

test('volumes of this machine: made when the scheduler has chosen it, bound, and taken away with their claim', async () => {
  await using bed = createTestBed()
  const disk = new Set<string>()
  const provisioner = localVolumeProvisioner({ nodeName: 'n1', directory: '/var/volumes', makeDirectory: async (path) => void disk.add(path), removeDirectory: async (path) => void disk.delete(path) })
  bed.api.seed(storageclasses, { metadata: { name: 'local' }, provisioner: 'navarch.dev/local', volumeBindingMode: 'WaitForFirstConsumer', reclaimPolicy: 'Delete' })
  bed.api.seed(persistentvolumeclaims, claim('data', { storageClassName: 'local' }), claim('raw', { storageClassName: 'local', volumeMode: 'Block' }))
  await bed.start(persistentVolumeBinder(), provisioner)
  expect([...disk]).toEqual([])
  const choose = (name: string, node: string) => bed.client.patch(persistentvolumeclaims, { namespace: 'd', name }, { metadata: { annotations: { 'volume.kubernetes.io/selected-node': node } } }, { type: 'merge' })
  await choose('data', 'n1')
  await choose('raw', 'n1')
  await bed.idle()
  const { volumeName } = claimed(bed, 'data').spec
  expect([claimed(bed, 'data').status.phase, phaseOf(bed, volumeName!), [...disk]]).toEqual(['Bound', 'Bound', [`/var/volumes/${volumeName}`]])
  expect(bed.api.read(persistentvolumes, volumeName!)!.spec).toMatchObject({ local: { path: `/var/volumes/${volumeName}` }, capacity: { storage: '1Gi' }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ values: ['n1'] }] }] } } })
  expect(told(bed)).toEqual(expect.arrayContaining([`data Normal ProvisioningSucceeded: Successfully provisioned volume ${volumeName}`, expect.stringContaining('volumes of mode Block cannot be made of directories')]))

  // One that only says that it is ours loses nothing on the machine.
  bed.api.seed(persistentvolumes, { ...volume('foreign', { phase: 'Released', persistentVolumeReclaimPolicy: 'Delete', local: { path: '/etc' }, claimRef: { namespace: 'd', name: 'gone', uid: 'x' } }), metadata: { name: 'foreign', annotations: { 'pv.kubernetes.io/provisioned-by': 'navarch.dev/local' } } })
  disk.add('/etc')
  bed.api.vanish(persistentvolumeclaims, 'd/data')
  await bed.idle()
  expect([phaseOf(bed, volumeName!), phaseOf(bed, 'foreign'), [...disk]]).toEqual([undefined, undefined, ['/etc']])
})
