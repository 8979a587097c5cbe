import { expect, test } from 'vitest'
import { deployments } from '#api/apps/v1/deployment'
import { replicasets } from '#api/apps/v1/replica-set'
import { events } from '#api/core/v1/event'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { runPods } from '../pods/test-pods'
import { replicaset } from '../replicaset'
import { deployment } from './deployment'

const where = { namespace: 'd', name: 'web' }
async function start(extra: object = {}): Promise<TestBed> {
  const bed = createTestBed()
  bed.api.seed(deployments, {
    metadata: { ...where, generation: 1, annotations: { note: 'first' } }, status: {},
    spec: {
      replicas: 4, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'v1' }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, ...extra,
    },
  })
  await bed.start(deployment, replicaset)
  return bed
}
const get = (bed: TestBed) => bed.api.read(deployments, 'd/web')!
const patch = async (bed: TestBed, spec: object) => {
  await bed.client.patch(deployments, where, { spec }, { type: 'merge' })
  await bed.idle()
}
const setImage = (bed: TestBed, image: string) => patch(bed, { template: { spec: { containers: [{ name: 'c', image }] } } })
const imageOf = (pod: Pod) => pod.spec.containers[0]!.image
const sizes = (bed: TestBed) =>
  Object.fromEntries(bed.api.all(replicasets).map((rs) => [rs.spec.template.spec.containers[0]!.image, rs.spec.replicas]))
const condition = (bed: TestBed, type: string) => get(bed).status.conditions?.find((c) => c.type === type)
const told = (bed: TestBed) => bed.api.all(events).filter((e) => e.involvedObject.kind === 'Deployment').map((e) => e.message)

test('a deployment makes a replica set with its hash, and its pods make it complete', async () => {
  await using bed = await start()
  const [rs] = bed.api.all(replicasets)
  const hash = rs!.metadata.labels!['pod-template-hash']!
  expect(rs!.metadata.name).toBe(`web-${hash}`)
  expect(rs!.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash })
  expect(rs!.metadata.annotations).toEqual({
    note: 'first', 'deployment.kubernetes.io/revision': '1', 'deployment.kubernetes.io/desired-replicas': '4', 'deployment.kubernetes.io/max-replicas': '5',
  })
  expect(get(bed).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('1')
  expect(told(bed)).toEqual([`Scaled up replica set web-${hash} from 0 to 4`])
  expect(condition(bed, 'Available')).toMatchObject({ status: 'False', reason: 'MinimumReplicasUnavailable' })
  await runPods(bed)
  expect(get(bed).status).toMatchObject({ replicas: 4, updatedReplicas: 4, readyReplicas: 4, availableReplicas: 4, observedGeneration: 1, terminatingReplicas: 0 })
  expect(condition(bed, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' })
  expect(condition(bed, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable', message: `ReplicaSet "web-${hash}" has successfully progressed.` })
})

test('a rolling update never has too few or too many pods, and arrives', async () => {
  await using bed = await start()
  await runPods(bed)
  await setImage(bed, 'v2')
  expect(sizes(bed)).toEqual({ v1: 4, v2: 1 })
  for (let turn = 0; turn < 10 && sizes(bed)['v1']! > 0; turn++) {
    await runPods(bed)
    const all = bed.api.all(pods)
    expect(all.length).toBeLessThanOrEqual(5)
    expect(all.filter((p) => p.status?.phase === 'Running').length).toBeGreaterThanOrEqual(3)
  }
  await runPods(bed)
  expect(sizes(bed)).toEqual({ v1: 0, v2: 4 })
  expect(bed.api.all(pods).every((p) => imageOf(p) === 'v2')).toBe(true)
  expect(get(bed).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('2')
  expect(condition(bed, 'Progressing')).toMatchObject({ reason: 'NewReplicaSetAvailable' })
  bed.writes()
  await bed.advance(3_600_000)
  expect(bed.writes()).toEqual([])
  expect(bed.clock.pending).toBe(0)
})

test('going back to an old template makes its set the newest revision and keeps its history', async () => {
  await using bed = await start()
  await runPods(bed)
  await setImage(bed, 'v2')
  for (let turn = 0; turn < 10; turn++) await runPods(bed)
  await setImage(bed, 'v1')
  for (let turn = 0; turn < 10; turn++) await runPods(bed)
  expect(sizes(bed)).toEqual({ v1: 4, v2: 0 })
  const first = bed.api.all(replicasets).find((rs) => rs.spec.template.spec.containers[0]!.image === 'v1')!
  expect(first.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3', 'deployment.kubernetes.io/revision-history': '1' })
  expect(get(bed).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('3')
})

test('a rollout whose pods do not become ready keeps the old ones and fails by its deadline', async () => {
  await using bed = await start()
  await runPods(bed)
  await setImage(bed, 'broken')
  await bed.advance(590_000)
  expect(condition(bed, 'Progressing')).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' })
  await bed.advance(20_000)
  expect(condition(bed, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded', message: expect.stringMatching(/^ReplicaSet "web-\w+" has timed out progressing\.$/) })
  expect(sizes(bed)).toEqual({ v1: 4, broken: 1 })
  expect(bed.clock.pending).toBe(0)
})

test('Recreate waits for the last old pod before the first new one', async () => {
  await using bed = await start({ strategy: { type: 'Recreate' } })
  for (const pod of bed.api.all(pods)) bed.api.seed(pods, { ...pod, spec: { ...pod.spec, nodeName: 'n1' } })
  await runPods(bed)
  await setImage(bed, 'v2')
  expect(sizes(bed)).toEqual({ v1: 0 })
  expect(bed.api.all(pods)).toHaveLength(4)
  for (const pod of bed.api.all(pods).slice(1)) bed.api.vanish(pods, `d/${pod.metadata.name}`)
  await bed.idle()
  expect(sizes(bed)).toEqual({ v1: 0 })
  bed.api.vanish(pods, `d/${bed.api.all(pods)[0]!.metadata.name}`)
  await bed.idle()
  expect(sizes(bed)).toEqual({ v1: 0, v2: 4 })
})

test('a paused deployment scales but does not roll out', async () => {
  await using bed = await start()
  await runPods(bed)
  await patch(bed, { paused: true })
  expect(condition(bed, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' })
  await setImage(bed, 'v2')
  await patch(bed, { replicas: 6 })
  expect(sizes(bed)).toEqual({ v1: 6 })
  await patch(bed, { paused: false })
  expect(sizes(bed)).toEqual({ v1: 6, v2: 1 })
})

test('scaling in the middle of a rollout is in proportion', async () => {
  await using bed = await start({ replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } })
  await runPods(bed)
  await setImage(bed, 'broken')
  await runPods(bed, { where: (p) => imageOf(p) === 'v1' })
  expect(sizes(bed)).toEqual({ v1: 8, broken: 5 })
  await patch(bed, { replicas: 15 })
  expect(sizes(bed)).toEqual({ v1: 11, broken: 7 })
})

test('old sets beyond the history are deleted, the oldest first', async () => {
  await using bed = await start({ revisionHistoryLimit: 1 })
  await runPods(bed)
  for (const image of ['v2', 'v3', 'v4']) {
    await setImage(bed, image)
    for (let turn = 0; turn < 10; turn++) await runPods(bed)
  }
  expect(sizes(bed)).toEqual({ v3: 0, v4: 4 })
})

test('a set of that name which is not its own counts as a collision', async () => {
  await using bed = createTestBed()
  await using first = await start({ replicas: 0 })
  const { name } = first.api.all(replicasets)[0]!.metadata
  bed.api.seed(replicasets, { metadata: { namespace: 'd', name }, spec: { replicas: 0, selector: {}, template: { spec: {} } }, status: { replicas: 0 } })
  bed.api.seed(deployments, { ...get(first), metadata: { ...where, generation: 1 }, status: {} })
  await bed.start(deployment)
  await bed.advance(1000)
  expect(get(bed).status.collisionCount).toBe(1)
  expect(bed.api.all(replicasets)).toHaveLength(2)
})

test('a deployment that selects everything is refused with an event', async () => {
  await using bed = await start({ selector: {} })
  expect(told(bed)).toEqual(['This deployment is selecting all pods. A non-empty selector is required.'])
  expect(bed.api.all(replicasets)).toEqual([])
})

test.each([
  ['1', 'v1', 'first', 'DeploymentRollback', 'Rolled back deployment "web" to revision 1'],
  ['0', 'v2', 'second', 'DeploymentRollback', 'Rolled back deployment "web" to revision 2'],
  ['3', 'v3', 'third', 'DeploymentRollbackTemplateUnchanged', 'The rollback revision contains the same template as current deployment "web"'],
  ['7', 'v3', 'third', 'DeploymentRollbackRevisionNotFound', 'Unable to find the revision to rollback to.'],
])('the annotation of old clients goes back to revision %s', async (revision, image, note, reason, message) => {
  await using bed = await start()
  for (const [next, why] of [['v2', 'second'], ['v3', 'third']] as const) {
    await bed.client.patch(deployments, where, { metadata: { annotations: { note: why } }, spec: { template: { spec: { containers: [{ name: 'c', image: next }] } } } }, { type: 'merge' })
    await bed.idle()
  }
  await bed.client.patch(deployments, where, { metadata: { annotations: { 'deprecated.deployment.rollback.to': revision } } }, { type: 'merge' })
  await bed.idle()
  const { metadata, spec } = get(bed)
  expect(spec.template).toMatchObject({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ image }] } })
  expect(spec.template.metadata.labels).toEqual({ app: 'web' })
  expect(metadata.annotations).toMatchObject({ note })
  expect(metadata.annotations).not.toHaveProperty('deprecated.deployment.rollback.to')
  expect(bed.api.all(events).filter((event) => event.reason === reason).map((event) => event.message)).toEqual([message])
})
