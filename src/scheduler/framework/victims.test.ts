import { expect, test } from 'vitest'
import type { PodDisruptionBudget } from '#api/policy/v1/types'
import { defaultPreemption } from '../plugins/default-preemption'
import { interPodAffinity } from '../plugins/inter-pod-affinity'
import { nodePorts } from '../plugins/node-ports'
import { nodeResourcesFit } from '../plugins/node-resources-fit'
import { node, pod } from '../test-objects'
import { podInfoOf } from './pod-info'
import { Profile } from './profile'
import { Snapshot } from './snapshot'

const budget = (app: string, disruptionsAllowed: number): PodDisruptionBudget =>
  ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { namespace: 'default', name: app }, spec: { selector: { matchLabels: { app } } }, status: { disruptionsAllowed } }) as unknown as PodDisruptionBudget

type Placed = [name: string, node: string, options?: Parameters<typeof pod>[1], startTime?: string]

function preempt(wanted: ReturnType<typeof pod>, placed: Placed[], { budgets = [] as PodDisruptionBudget[], nodes = ['a', 'b'] } = {}) {
  const snapshot = new Snapshot()
  for (const name of nodes) snapshot.setNode(node(name, { cpu: '4' }))
  for (const [name, where, options, startTime = '2026-01-01T00:00:00Z'] of placed) {
    const made = pod(name, options)
    snapshot.place(podInfoOf({ ...made, status: { ...made.status, startTime } }), where)
  }
  snapshot.refresh()
  const counted = (): unknown => snapshot.nodes.map(({ requested, pods }) => [{ ...requested }, [...pods.keys()].sort()])
  const before = counted()
  const plugins = [nodePorts, nodeResourcesFit, interPodAffinity(() => []), defaultPreemption({ budgets: () => budgets, isPreempting: () => false, random: () => 0 })]
  const verdict = new Profile({ plugins, random: () => 0.9 }).schedule(podInfoOf(wanted), snapshot)
  expect(counted(), 'the search moved nobody').toEqual(before)
  if (verdict.node) return verdict.node.name
  return verdict.nominate ? `${verdict.nominate}: ${verdict.victims!.map(({ pod: { metadata } }) => metadata.name).join(' ')}` : verdict.message
}

const big = (priority: number, cpu = '3') => pod('p', { cpu, priority })

test.each<[why: string, wanted: ReturnType<typeof pod>, placed: Placed[], options: Parameters<typeof preempt>[2], expected: string]>([
  ['the fewest that are needed', big(9, '2'), [['x', 'a', { cpu: '1', priority: 1 }], ['y', 'a', { cpu: '2', priority: 2 }], ['z', 'a', { cpu: '1', priority: 3 }]], { nodes: ['a'] }, 'a: y'],
  ['a protected pod is let back first', big(9, '2'), [['x', 'a', { cpu: '2', priority: 1, labels: { app: 'db' } }], ['y', 'a', { cpu: '2', priority: 2 }]], { nodes: ['a'], budgets: [budget('db', 0)] }, 'a: y'],
  ['a protected pod leaves where nothing else helps', big(9, '4'), [['x', 'a', { cpu: '2', priority: 1, labels: { app: 'db' } }]], { nodes: ['a'], budgets: [budget('db', 0)] }, 'a: x'],
  ['the node without violations', big(9), [['x', 'a', { cpu: '4', priority: 1, labels: { app: 'db' } }], ['y', 'b', { cpu: '4', priority: 5 }]], { budgets: [budget('db', 0)] }, 'b: y'],
  ['a budget that allows one', big(9), [['x', 'a', { cpu: '4', priority: 1, labels: { app: 'db' } }], ['y', 'b', { cpu: '4', priority: 5 }]], { budgets: [budget('db', 1)] }, 'a: x'],
  ['the node whose most important victim matters least', big(9), [['x', 'a', { cpu: '4', priority: 5 }], ['y', 'b', { cpu: '2', priority: 4 }], ['z', 'b', { cpu: '2', priority: 4 }]], {}, 'b: y z'],
  ['then fewer of a priority', big(9), [['x', 'a', { cpu: '4', priority: 4 }], ['y', 'b', { cpu: '2', priority: 4 }], ['z', 'b', { cpu: '2', priority: 4 }]], {}, 'a: x'],
  ['then those that began last', big(9), [['x', 'a', { cpu: '4' }], ['y', 'b', { cpu: '4' }, '2026-01-02T00:00:00Z']], {}, 'b: y'],
  ['a pod that keeps others away may have to leave', pod('p', { labels: { app: 'web' }, priority: 9 }), [['x', 'a', { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' }] } } }]], { nodes: ['a'] }, 'a: x'],
  ['nobody is less important', big(0), [['x', 'a', { cpu: '4' }]], { nodes: ['a'] }, '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'],
  ['room for less than it wants', big(9, '4'), [['x', 'a', { cpu: '1', priority: 20 }], ['y', 'a', { cpu: '2', priority: 1 }]], { nodes: ['a'] }, '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient cpu.'],
])('%s', (_why, wanted, placed, options, expected) => {
  expect(preempt(wanted, placed, options)).toBe(expected)
})
