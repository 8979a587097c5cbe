import { expect, test } from 'vitest'
import { controllerrevisions } from '#api/apps/v1/controller-revision'
import { statefulsets } from '#api/apps/v1/stateful-set'
import { events } from '#api/core/v1/event'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { pods } from '#api/core/v1/pod'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { runPods } from '../pods/test-pods'
import { statefulset } from './statefulset'

async function start(spec: object = {}): Promise<TestBed> {
  const bed = createTestBed()
  bed.api.seed(statefulsets, {
    metadata: { namespace: 'd', name: 'db', uid: 's', generation: 1 }, status: { replicas: 0 },
    spec: {
      replicas: 3, serviceName: 'db', podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, revisionHistoryLimit: 10,
      selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'v1' }] } },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }], ...spec,
    },
  })
  await bed.start(statefulset)
  return bed
}
const names = (bed: TestBed) => bed.api.all(pods).map((p) => p.metadata.name).sort()
const images = (bed: TestBed) => Object.fromEntries(bed.api.all(pods).map((p) => [p.metadata.name, p.spec.containers[0]!.image]))
const patch = async (bed: TestBed, spec: object) => {
  await bed.client.patch(statefulsets, { namespace: 'd', name: 'db' }, { spec }, { type: 'merge' })
  await bed.idle()
}
const setImage = (bed: TestBed, image: string) => patch(bed, { template: { spec: { containers: [{ name: 'c', image }] } } })
const status = (bed: TestBed) => bed.api.read(statefulsets, 'd/db')!.status
const settle = async (bed: TestBed) => {
  for (let turn = 0; turn < 8; turn++) await runPods(bed)
}

test('pods come one after another, each with its name, host and claim', async () => {
  await using bed = await start()
  expect(names(bed)).toEqual(['db-0'])
  await bed.advance(60_000)
  expect(names(bed)).toEqual(['db-0'])
  await runPods(bed)
  expect(names(bed)).toEqual(['db-0', 'db-1'])
  await settle(bed)
  expect(names(bed)).toEqual(['db-0', 'db-1', 'db-2'])
  expect(bed.api.read(pods, 'd/db-1')).toMatchObject({
    metadata: { labels: { app: 'db', 'statefulset.kubernetes.io/pod-name': 'db-1', 'apps.kubernetes.io/pod-index': '1', 'controller-revision-hash': status(bed).updateRevision } },
    spec: { hostname: 'db-1', subdomain: 'db', volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }] },
  })
  expect(bed.api.all(persistentvolumeclaims).map((c) => c.metadata.name)).toEqual(['data-db-0', 'data-db-1', 'data-db-2'])
  expect(status(bed)).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, currentReplicas: 3, updatedReplicas: 3, observedGeneration: 1 })
  expect(status(bed).currentRevision).toBe(status(bed).updateRevision)
  expect(bed.api.all(events).map((e) => e.message)).toContain('create Pod db-0 in StatefulSet db successful')
  bed.writes()
  await bed.advance(3_600_000)
  expect(bed.writes()).toEqual([])
})

test('in parallel they come at once', async () => {
  await using bed = await start({ podManagementPolicy: 'Parallel' })
  expect(names(bed)).toEqual(['db-0', 'db-1', 'db-2'])
})

test('scaling down takes the last away; its claim stays, or goes with it where told to', async () => {
  await using bed = await start({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' } })
  await settle(bed)
  const { uid } = bed.api.read(pods, 'd/db-2')!.metadata
  await patch(bed, { replicas: 1 })
  expect(names(bed)).toEqual(['db-0'])
  expect(bed.api.read(persistentvolumeclaims, 'd/data-db-2')!.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'db-2', uid }])
  expect(bed.api.read(persistentvolumeclaims, 'd/data-db-0')!.metadata.ownerReferences).toBeUndefined()
})

test('scaling down waits for pods that are not ready, but for the first of them', async () => {
  await using bed = await start()
  await settle(bed)
  const setReady = async (name: string, status: 'True' | 'False') => {
    await bed.client.patch(pods, { namespace: 'd', name }, { status: { conditions: [{ type: 'Ready', status }] } }, { type: 'merge', subresource: 'status' })
    await bed.idle()
  }
  for (const name of ['db-1', 'db-2']) await setReady(name, 'False')
  await patch(bed, { replicas: 0 })
  await bed.advance(60_000)
  expect(names(bed)).toEqual(['db-0', 'db-1', 'db-2'])
  // One that is ready goes, and so does the first that is not.
  await setReady('db-2', 'True')
  expect(names(bed)).toEqual([])
})

test('an update goes from the last to the partition, one at a time, and arrives', async () => {
  await using bed = await start({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } })
  await settle(bed)
  await setImage(bed, 'v2')
  expect(images(bed)).toEqual({ 'db-0': 'v1', 'db-1': 'v1', 'db-2': 'v2' })
  await bed.advance(60_000)
  expect(images(bed)['db-1']).toBe('v1')
  await settle(bed)
  expect(images(bed)).toEqual({ 'db-0': 'v1', 'db-1': 'v2', 'db-2': 'v2' })
  expect(status(bed).currentRevision).not.toBe(status(bed).updateRevision)
  bed.api.vanish(pods, 'd/db-0')
  await settle(bed)
  expect(images(bed)['db-0']).toBe('v1')
  await patch(bed, { updateStrategy: { rollingUpdate: { partition: 0 } } })
  await settle(bed)
  expect(images(bed)['db-0']).toBe('v2')
  expect(status(bed)).toMatchObject({ currentReplicas: 3, updatedReplicas: 3, currentRevision: status(bed).updateRevision })
  expect(bed.api.all(controllerrevisions).map((r) => r.revision)).toEqual([1, 2])
})

test('a failed pod is made anew; OnDelete waits for the user', async () => {
  await using bed = await start({ updateStrategy: { type: 'OnDelete' } })
  await settle(bed)
  await setImage(bed, 'v2')
  expect(images(bed)).toEqual({ 'db-0': 'v1', 'db-1': 'v1', 'db-2': 'v1' })
  await runPods(bed, { phase: 'Failed', ready: false, where: (p) => p.metadata.name === 'db-1' })
  await settle(bed)
  expect(images(bed)['db-1']).toBe('v2')
  expect(bed.api.all(events).map((e) => e.message)).toContain('StatefulSet d/db is recreating failed Pod db-1')
})

test('going back to an old template raises its revision', async () => {
  await using bed = await start()
  await settle(bed)
  await setImage(bed, 'v2')
  await settle(bed)
  await setImage(bed, 'v1')
  await settle(bed)
  expect(bed.api.all(controllerrevisions).map((r) => r.revision)).toEqual([3, 2])
})

test('a revision keeps what the annotations said when it was made', async () => {
  await using bed = await start()
  const annotated = (cause: string, image: string) => ({ metadata: { annotations: { 'kubernetes.io/change-cause': cause } }, spec: { template: { spec: { containers: [{ name: 'c', image }] } } } })
  for (const [cause, image] of [['faster', 'v2'], ['safer', 'v3']] as const) {
    await bed.client.patch(statefulsets, { namespace: 'd', name: 'db' }, annotated(cause, image), { type: 'merge' })
    await bed.idle()
  }
  const causes = [...bed.api.all(controllerrevisions)].sort((a, b) => a.revision - b.revision).map(({ metadata }) => metadata.annotations?.['kubernetes.io/change-cause'])
  expect(causes).toEqual([undefined, 'faster', 'safer'])
})
