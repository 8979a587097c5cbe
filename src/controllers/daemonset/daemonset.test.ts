import { expect, test } from 'vitest'
import { controllerrevisions } from '#api/apps/v1/controller-revision'
import { daemonsets } from '#api/apps/v1/daemon-set'
import { events } from '#api/core/v1/event'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { runPods } from '../pods/test-pods'
import { daemonset } from './daemonset'
import { targetNode } from './placement'

const node = (name: string, { labels = {}, taints }: { labels?: object; taints?: object[] } = {}) => ({ metadata: { name, labels }, spec: taints ? { taints } : {} })
const set = (spec: object = {}, template: object = {}) => ({
  metadata: { namespace: 'd', name: 'agent', generation: 1 }, status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  spec: {
    selector: { matchLabels: { app: 'agent' } }, template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [], ...template } }, revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, ...spec,
  },
})
const alive = (bed: TestBed): Pod[] => bed.api.all(pods).filter((p) => !p.metadata.deletionTimestamp)
const placed = (bed: TestBed) => alive(bed).map((p) => targetNode(p) ?? '').sort()
const status = (bed: TestBed) => bed.api.read(daemonsets, 'd/agent')!.status
const reasons = (bed: TestBed) => bed.api.all(events).map((e) => `${e.type} ${e.reason}: ${e.message}`)
const revisions = (bed: TestBed) => bed.api.all(controllerrevisions).map((r) => r.revision).sort((a, b) => a - b)
const change = async (bed: TestBed, spec: object) => {
  await bed.client.patch(daemonsets, { namespace: 'd', name: 'agent' }, { spec }, { type: 'merge' })
  await bed.idle()
}
const image = (name: string) => ({ template: { spec: { containers: [{ name: 'c', image: name }] } } })
const images = (bed: TestBed) => alive(bed).map((p) => `${targetNode(p)}=${p.spec.containers[0]?.image ?? '-'}`).sort()
/** The scheduler and the kubelets of all nodes: pods that wait run and are ready, those on their way out go. */
const live = async (bed: TestBed) => {
  for (const pod of bed.api.all(pods)) {
    if (pod.metadata.deletionTimestamp) bed.api.vanish(pods, `d/${pod.metadata.name}`)
    else if (!pod.spec.nodeName) bed.api.seed(pods, { ...pod, spec: { ...pod.spec, nodeName: targetNode(pod)! } })
  }
  await bed.idle()
  await runPods(bed)
}

test('a pod on every node that fits, pinned to it, and counted', async () => {
  await using bed = createTestBed()
  const noSchedule = [{ key: 'dedicated', effect: 'NoSchedule' }]
  bed.api.seed(nodes, node('a'), node('b'), node('tainted', { taints: noSchedule }), node('cordoned', { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] }))
  bed.api.seed(daemonsets, set())
  await bed.start(daemonset)
  expect(placed(bed)).toEqual(['a', 'b', 'cordoned'])
  const [pod] = alive(bed)
  expect(pod!.spec.affinity!.nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution!.nodeSelectorTerms).toEqual([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }])
  expect(pod!.spec.tolerations!.map((t) => `${t.key}:${t.effect}`)).toEqual([
    'node.kubernetes.io/not-ready:NoExecute', 'node.kubernetes.io/unreachable:NoExecute', 'node.kubernetes.io/disk-pressure:NoSchedule',
    'node.kubernetes.io/memory-pressure:NoSchedule', 'node.kubernetes.io/pid-pressure:NoSchedule', 'node.kubernetes.io/unschedulable:NoSchedule',
  ])
  const [revision] = bed.api.all(controllerrevisions)
  expect(revision).toMatchObject({ revision: 1, data: { spec: { template: { $patch: 'replace', spec: { containers: [] } } } }, metadata: { ownerReferences: [{ kind: 'DaemonSet', name: 'agent' }] } })
  expect(pod!.metadata.labels!['controller-revision-hash']).toBe(revision!.metadata.labels!['controller-revision-hash'])
  expect(revision!.metadata.name).toBe(`agent-${pod!.metadata.labels!['controller-revision-hash']}`)
  expect(status(bed)).toEqual({ currentNumberScheduled: 3, numberMisscheduled: 0, desiredNumberScheduled: 3, numberReady: 0, updatedNumberScheduled: 3, numberUnavailable: 3, observedGeneration: 1 })
  await live(bed)
  expect(status(bed)).toMatchObject({ numberReady: 3, numberAvailable: 3 })
  expect(status(bed).numberUnavailable).toBeUndefined()
  expect(bed.clock.pending).toBe(0)
})

test('follows the nodes: labels, taints, new ones, and those that go before their pod was placed', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a', { labels: { disk: 'ssd' } }), node('b'))
  bed.api.seed(daemonsets, set({}, { nodeSelector: { disk: 'ssd' } }))
  await bed.start(daemonset)
  expect(placed(bed)).toEqual(['a'])
  bed.api.seed(nodes, node('b', { labels: { disk: 'ssd' } }), node('c', { labels: { disk: 'ssd' } }))
  await bed.idle()
  expect(placed(bed)).toEqual(['a', 'b', 'c'])
  bed.api.vanish(nodes, 'c')
  bed.api.seed(nodes, node('a', { labels: { disk: 'hdd' } }), node('b', { labels: { disk: 'ssd' }, taints: [{ key: 'x', effect: 'NoSchedule' }] }))
  await bed.idle()
  expect(placed(bed)).toEqual(['b'])
  expect(status(bed)).toMatchObject({ desiredNumberScheduled: 0, numberMisscheduled: 1 })
  bed.api.seed(nodes, node('b', { labels: { disk: 'ssd' }, taints: [{ key: 'x', effect: 'NoExecute' }] }))
  await bed.idle()
  expect(placed(bed)).toEqual([])
})

test.each([0, 1])('a failed pod is replaced, the next one later each time (surge %i)', async (maxSurge) => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'))
  bed.api.seed(daemonsets, set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 - maxSurge, maxSurge } } }))
  await bed.start(daemonset)
  const first = alive(bed)[0]!.metadata.name
  await runPods(bed, { phase: 'Failed', ready: false })
  const second = alive(bed)[0]!.metadata.name
  expect(second).not.toBe(first)
  expect(reasons(bed)).toContain(`Warning FailedDaemonPod: Found failed daemon pod d/${first} on node a, will try to kill it`)
  await runPods(bed, { phase: 'Failed', ready: false })
  expect(alive(bed).map((p) => p.metadata.name)).toEqual([second])
  await bed.advance(1000)
  expect(alive(bed)[0]!.metadata.name).not.toBe(second)
  await runPods(bed, { phase: 'Succeeded', ready: false })
  expect(reasons(bed).join()).toContain('SucceededDaemonPod')
})

test('a rolling update takes one node at a time, broken pods at once', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'), node('b'), node('c'))
  bed.api.seed(daemonsets, set())
  await bed.start(daemonset)
  await live(bed)
  await change(bed, image('two'))
  expect(images(bed)).toHaveLength(2)
  await live(bed)
  // The new pod runs, and the next old one is on its way out.
  expect(images(bed)).toEqual(['a=two', 'c=-'])
  for (let i = 0; i < 4; i++) await live(bed)
  expect(images(bed)).toEqual(['a=two', 'b=two', 'c=two'])
  expect(status(bed)).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3 })
  expect(revisions(bed)).toEqual([1, 2])
  await runPods(bed, { ready: false })
  await change(bed, image('three'))
  await live(bed)
  expect(images(bed)).toEqual(['a=three', 'b=three', 'c=three'])
})

test('back to an old template its revision becomes the newest, and the history is cut', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'))
  bed.api.seed(daemonsets, set({ revisionHistoryLimit: 1 }))
  await bed.start(daemonset)
  for (const name of ['two', 'three']) {
    await change(bed, image(name))
    for (let i = 0; i < 3; i++) await live(bed)
  }
  expect(revisions(bed)).toEqual([2, 3])
  await change(bed, image('two'))
  for (let i = 0; i < 3; i++) await live(bed)
  expect(revisions(bed)).toEqual([3, 4])
  expect(images(bed)).toEqual(['a=two'])
})

test('a surge starts the new pod beside the old one', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'), node('b'))
  bed.api.seed(daemonsets, set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }))
  await bed.start(daemonset)
  await live(bed)
  await change(bed, image('two'))
  expect(images(bed)).toEqual(['a=-', 'a=two', 'b=-'])
  await live(bed)
  expect(images(bed)).toEqual(['a=two', 'b=-', 'b=two'])
  await live(bed)
  expect(images(bed)).toEqual(['a=two', 'b=two'])
})

test('OnDelete waits for somebody to delete', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'))
  bed.api.seed(daemonsets, set({ updateStrategy: { type: 'OnDelete' } }))
  await bed.start(daemonset)
  await live(bed)
  await change(bed, image('two'))
  await live(bed)
  expect(images(bed)).toEqual(['a=-'])
  expect(status(bed).updatedNumberScheduled).toBeUndefined()
  bed.api.vanish(pods, `d/${alive(bed)[0]!.metadata.name}`)
  await bed.idle()
  expect(images(bed)).toEqual(['a=two'])
})

test('minReadySeconds: available only after so long', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node('a'))
  bed.api.seed(daemonsets, set({ minReadySeconds: 10 }))
  await bed.start(daemonset)
  await live(bed)
  expect(status(bed)).toMatchObject({ numberReady: 1, numberUnavailable: 1 })
  await bed.advance(10_000)
  expect(status(bed)).toMatchObject({ numberReady: 1, numberAvailable: 1 })
})
