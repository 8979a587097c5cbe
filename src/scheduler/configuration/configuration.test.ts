import { expect, test } from 'vitest'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { startTestBed } from '../test-bed'
import { node, pod } from '../test-objects'
import { readConfiguration } from './configuration'

const file = (rest: string): string => `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n${rest}`

test('profiles by name: each judges the pods that ask for it, by the plugins that it has', async () => {
  const configuration = readConfiguration(file(`
leaderElection: { leaderElect: false }
podInitialBackoffSeconds: 2
profiles:
  - schedulerName: default-scheduler
  - schedulerName: blind
    plugins:
      multiPoint: { disabled: [{ name: TaintToleration }, { name: DefaultPreemption }] }
      score: { disabled: [{ name: '*' }], enabled: [{ name: ImageLocality, weight: 5 }] }
      preScore: { disabled: [{ name: '*' }] }
`))
  expect(configuration).toMatchObject({ initialBackoff: 2000, maxBackoff: 10_000 })
  await using bed = await startTestBed(configuration)
  bed.api.seed(nodes, node('a', { taints: [{ key: 'x', effect: 'NoSchedule' }] }))
  bed.api.seed(pods, pod('seeing'), pod('blind', { schedulerName: 'blind' }), pod('foreign', { schedulerName: 'other' }), pod('greedy', { schedulerName: 'blind', cpu: '100' }))
  await bed.settle()
  expect(['seeing', 'blind', 'foreign'].map(bed.nodeOf)).toEqual([undefined, 'a', undefined])
  expect(bed.told).toContain('seeing FailedScheduling: 0/1 nodes are available: 1 node(s) had untolerated taint(s). preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.')
  expect(bed.told).toContain('greedy FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.')
})

test.each([
  ['extenders: [{ urlPrefix: http://x }]', 'extenders: calls to other servers are not built in this version'],
  ['profiles: [{ schedulerName: a }, { schedulerName: a }]', 'profiles[1].schedulerName: "a" is the name of another profile already'],
  ['profiles: [{ plugins: { scores: {} } }]', 'profiles[0].plugins.scores: no such extension point; there are'],
  ['profiles: [{ pluginConfig: [{ name: NodeResourcesFit, args: { scoringStrategy: { type: MostAllocated } } }] }]', 'profiles[0].pluginConfig[0].args.scoringStrategy: arguments of plugins are not built in this version; "NodeResourcesFit" runs with its defaults'],
  ['percentageOfNodesToScore: 101', 'percentageOfNodesToScore: 101 must be within 0-100'],
  ['podMaxBackoffSeconds: 0', 'podMaxBackoffSeconds: 0 must be a whole number, 1 or more'],
  ['colour: blue', 'colour: no such field'],
])('%s is refused', (rest, message) => {
  expect(() => readConfiguration(file(rest))).toThrow(message)
})

test.each([
  ['profiles: [{ plugins: { filter: { disabled: [{ name: Nonsense }] } } }]', 'plugins.filter: plugin Nonsense is not there; known are DefaultBinder, '],
  ['profiles: [{ plugins: { preFilter: { disabled: [{ name: InterPodAffinity }] } } }]', 'plugins.preFilter: InterPodAffinity cannot do without it in filter: disable both'],
  ['profiles: [{ plugins: { bind: { disabled: [{ name: "*" }] } } }]', 'plugins.bind: a profile needs one plugin that binds'],
])('%s is no profile', async (rest, message) => {
  await expect(startTestBed(readConfiguration(file(rest)))).rejects.toThrow(message)
})

test('a file of another kind is refused', () => {
  expect(() => readConfiguration('kind: Pod')).toThrow('it must have apiVersion kubescheduler.config.k8s.io/v1 and kind KubeSchedulerConfiguration')
})
