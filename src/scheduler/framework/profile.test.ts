import { expect, test } from 'vitest'
import type { Node, Pod, Taint } from '#api/core/v1/types'
import { nothing, selectorFromPairs } from '#apimachinery/selectors/label-selector'
import { defaultBinder } from '../plugins/default-binder'
import { imageLocality } from '../plugins/image-locality'
import { interPodAffinity } from '../plugins/inter-pod-affinity'
import { nodeAffinity } from '../plugins/node-affinity'
import { nodeName } from '../plugins/node-name'
import { nodePorts } from '../plugins/node-ports'
import { nodeResourcesBalancedAllocation } from '../plugins/node-resources-balanced-allocation'
import { nodeResourcesFit } from '../plugins/node-resources-fit'
import { nodeUnschedulable } from '../plugins/node-unschedulable'
import { podTopologySpread } from '../plugins/pod-topology-spread'
import { taintToleration } from '../plugins/taint-toleration'
import { node, pod } from '../test-objects'
import { podInfoOf } from './pod-info'
import { Profile } from './profile'
import { Snapshot } from './snapshot'

const plugins = [nodeUnschedulable, nodeName, taintToleration, nodeAffinity, nodePorts, nodeResourcesFit, podTopologySpread(() => undefined), interPodAffinity(() => ['other']), nodeResourcesBalancedAllocation, imageLocality, defaultBinder]

function schedule(wanted: Pod, nodes: Node[], placed: [Pod, string][] = []) {
  const snapshot = new Snapshot()
  for (const one of nodes) snapshot.setNode(one)
  for (const [one, where] of placed) snapshot.place(podInfoOf(one), where)
  const verdict = new Profile({ plugins, random: () => 0.9 }).schedule(podInfoOf(wanted), snapshot)
  return verdict.node ? verdict.node.name : verdict.message
}

const taint: Taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' }
const zoneA = { 'topology.kubernetes.io/zone': 'a' }
const zoneB = { 'topology.kubernetes.io/zone': 'b' }
const spreadByZone = { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] }

const term = (matchLabels: Record<string, string>, topologyKey = 'kubernetes.io/hostname', more = {}) => ({ labelSelector: { matchLabels }, topologyKey, ...more })
const withAffinity = (sort: 'podAffinity' | 'podAntiAffinity', matchLabels: Record<string, string>, topologyKey?: string, more = {}) => ({
  affinity: { [sort]: { requiredDuringSchedulingIgnoredDuringExecution: [term(matchLabels, topologyKey, more)] } },
})

test.each<[why: string, wanted: Pod, nodes: Node[], placed: [Pod, string][], expected: string]>([
  ['no node at all', pod('p'), [], [], 'no nodes available to schedule pods'],
  ['the emptier node wins', pod('p', { cpu: '1', memory: '1Gi' }), [node('a'), node('b')], [[pod('x', { cpu: '4', memory: '16Gi' }), 'a']], 'b'],
  ['each node says what it lacks', pod('p', { cpu: '4' }), [node('a', { cpu: '2' }), node('b', { pods: '1' }), node('c', { cpu: '2' })], [[pod('x'), 'b']], '0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu.'],
  ['a cordoned and a tainted node', pod('p'), [node('a', { unschedulable: true }), node('b', { taints: [taint] })], [], '0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.'],
  ['a toleration opens the node', pod('p', { tolerations: [{ key: 'gpu', operator: 'Exists' }] }), [node('a', { taints: [taint] })], [], 'a'],
  ['a soft taint is avoided', pod('p'), [node('a', { taints: [{ ...taint, effect: 'PreferNoSchedule' }] }), node('b')], [], 'b'],
  ['a node selector', pod('p', { nodeSelector: { disk: 'ssd' } }), [node('a'), node('b', { labels: { disk: 'ssd' } })], [], 'b'],
  ['no node is selected', pod('p', { nodeSelector: { disk: 'ssd' } }), [node('a')], [], "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."],
  ['a host port is taken', pod('q', { containers: [{ name: 'm', ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }] as never }), [node('a')], [[pod('x', { containers: [{ name: 'm', ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }] as never }), 'a']], "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."],
  ['zones stay even', pod('p', { labels: { app: 'web' }, ...spreadByZone }), [node('a', { labels: zoneA }), node('b', { labels: zoneB })], [[pod('x', { labels: { app: 'web' } }), 'a']], 'b'],
  ['a zone that cannot take its share blocks', pod('p', { labels: { app: 'web' }, cpu: '4', ...spreadByZone }), [node('a', { labels: zoneA }), node('b', { labels: zoneB, cpu: '1' })], [[pod('x', { labels: { app: 'web' } }), 'a']], "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints."],
  ['the pod goes where its company is', pod('p', withAffinity('podAffinity', { app: 'db' })), [node('a'), node('b')], [[pod('x', { labels: { app: 'db' } }), 'b']], 'b'],
  ['no company is there', pod('p', withAffinity('podAffinity', { app: 'db' })), [node('a')], [], "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."],
  ['the first of its kind may go anywhere', pod('p', { labels: { app: 'db' }, ...withAffinity('podAffinity', { app: 'db' }) }), [node('a')], [], 'a'],
  ['two that avoid each other', pod('p', { labels: { app: 'web' }, ...withAffinity('podAntiAffinity', { app: 'web' }) }), [node('a'), node('b')], [[pod('x', { labels: { app: 'web' } }), 'a']], 'b'],
  ['no node without the pods it avoids', pod('p', withAffinity('podAntiAffinity', { app: 'web' })), [node('a')], [[pod('x', { labels: { app: 'web' } }), 'a']], "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."],
  ['a pod that is there does not want it', pod('p', { labels: { app: 'web' } }), [node('a')], [[pod('x', withAffinity('podAntiAffinity', { app: 'web' })), 'a']], "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules."],
  ['a whole zone is avoided', pod('p', withAffinity('podAntiAffinity', { app: 'web' }, 'topology.kubernetes.io/zone')), [node('a', { labels: zoneA }), node('b', { labels: zoneA }), node('c', { labels: zoneB })], [[pod('x', { labels: { app: 'web' } }), 'a']], 'c'],
  ['company in another namespace does not count', pod('p', withAffinity('podAffinity', { app: 'db' }, undefined, { namespaceSelector: {} })), [node('a')], [[pod('x', { labels: { app: 'db' } }), 'a']], "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."],
  ['preferred company wins over an emptier node', pod('p', { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term({ app: 'db' }) }] } } }), [node('a'), node('b')], [[pod('x', { labels: { app: 'db' } }), 'b']], 'b'],
])('%s', (_why, wanted, nodes, placed, expected) => {
  expect(schedule(wanted, nodes, placed)).toBe(expected)
})

test('pods that move, and nodes that go and come back, are counted once', () => {
  const snapshot = new Snapshot()
  const info = podInfoOf(pod('x', { cpu: '2', labels: { app: 'web' } }))
  snapshot.setNode(node('a'))
  snapshot.setNode(node('b'))
  snapshot.refresh()
  const counts = snapshot.counts.of('default', 'web', selectorFromPairs({ app: 'web' }), snapshot.nodes)
  snapshot.place(info, 'a')
  snapshot.place(info, 'a')
  expect(snapshot.get('a')!.requested.milliCpu).toBe(2000)
  snapshot.place(info, 'b')
  expect([snapshot.get('a')!.requested.milliCpu, snapshot.get('b')!.requested.milliCpu]).toEqual([0, 2000])
  snapshot.removeNode('b')
  expect([...counts]).toEqual([])
  snapshot.setNode(node('b'))
  expect([snapshot.get('b')!.requested.milliCpu, ...counts]).toEqual([2000, ['b', 1]])
  snapshot.unplace(info.key)
  expect([snapshot.get('b')!.requested.milliCpu, ...counts]).toEqual([0])
  expect([...snapshot.counts.of('default', 'none', nothing, snapshot.nodes)]).toEqual([])
})
