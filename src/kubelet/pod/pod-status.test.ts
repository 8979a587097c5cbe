import { expect, test } from 'vitest'
import type { Container, ContainerStatus, Pod, PodStatus } from '#api/core/v1/types'
import { containerHash } from './container-hash'
import { podPhase } from './phase'
import { podQos } from './qos'
import { restartsAfter } from './restart'
import { statusPatch } from './status-patch'
import { cpuQuota, cpuShares, oomScoreAdjust, podTotal } from './resources'
import { milli, whole } from './amount'

const container = (name: string, more: Partial<Container> = {}): Container => ({ name, image: 'x', resources: {}, ...more })
const podOf = (spec: Partial<Pod['spec']>): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [container('a')], restartPolicy: 'Always', ...spec }, status: {} }) as Pod
const status = (name: string, state: ContainerStatus['state'], lastState: ContainerStatus['state'] = {}): ContainerStatus => ({ name, state, lastState, ready: false, restartCount: 0, image: '', imageID: '' })
const ended = (exitCode: number) => ({ terminated: { exitCode } })
const running = { running: {} }

test.each([
  ['waits', 'Always', [status('a', { waiting: {} })], 'Pending'],
  ['runs', 'Always', [status('a', running)], 'Running'],
  ['ended well, comes back', 'Always', [status('a', ended(0))], 'Running'],
  ['ended well, stays away', 'OnFailure', [status('a', ended(0))], 'Succeeded'],
  ['failed, comes back', 'OnFailure', [status('a', ended(1))], 'Running'],
  ['failed, stays away', 'Never', [status('a', ended(1))], 'Failed'],
  ['backs off', 'Always', [status('a', { waiting: {} }, ended(1))], 'Running'],
  ['nothing known', 'Always', [], 'Pending'],
] as const)('phase: %s', (_, restartPolicy, statuses, phase) => {
  expect(podPhase(podOf({ restartPolicy }), statuses, false, false)).toBe(phase)
})

test('a pod that will not start again has ended, whatever its policy', () => {
  expect(podPhase(podOf({}), [status('a', ended(0))], true, true)).toBe('Succeeded')
  expect(podPhase(podOf({}), [status('a', ended(2))], true, true)).toBe('Failed')
})

test('rules of a container come before its policy, its policy before the pod\'s', () => {
  const { spec } = podOf({ restartPolicy: 'Never' })
  expect(restartsAfter(container('a'), spec, 1)).toBe(false)
  expect(restartsAfter(container('a', { restartPolicy: 'OnFailure' }), spec, 1)).toBe(true)
  expect(restartsAfter(container('a', { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] }), spec, 42)).toBe(true)
})

test('QoS classes', () => {
  const full = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1000m', memory: '1024Mi' } }
  expect(podQos(podOf({}))).toBe('BestEffort')
  expect(podQos(podOf({ containers: [container('a', { resources: full })] }))).toBe('Guaranteed')
  expect(podQos(podOf({ containers: [container('a', { resources: full }), container('b')] }))).toBe('Burstable')
})

test('amounts, shares, quotas and scores', () => {
  expect([milli('0.1'), milli('1'), milli('100u'), whole('1.5Gi'), whole('1e3'), whole('0.3')]).toEqual([100, 1000, 1, 1.5 * 2 ** 30, 1000, 1])
  expect([cpuShares(0), cpuShares(500), cpuShares(1000)]).toEqual([2, 512, 1024])
  expect([cpuQuota(0), cpuQuota(5), cpuQuota(500)]).toEqual([0, 1000, 50_000])
  expect(oomScoreAdjust(podOf({ containers: [container('a', { resources: { requests: { memory: '1Gi' } } })] }), container('a', { resources: { requests: { memory: '1Gi' } } }), { capacityBytes: 4 * 2 ** 30 })).toBe(750)
  const init = [container('i', { resources: { requests: { cpu: '3' } } }), container('s', { restartPolicy: 'Always', resources: { requests: { cpu: '1' } } })]
  expect(podTotal(podOf({ initContainers: init, containers: [container('a', { resources: { requests: { cpu: '500m' } } })] }), 'requests', 'cpu', milli)).toBe(3000)
})

test('containers are recognised by name and image', () => {
  expect(containerHash(container('a'))).toBe(containerHash(container('a', { command: ['other'] })))
  expect(containerHash(container('a'))).not.toBe(containerHash(container('a', { image: 'y' })))
})

test('a patch holds what changed, and takes away what is gone', () => {
  const before: PodStatus = { phase: 'Pending', reason: 'Old', podIPs: [{ ip: '1.1.1.1' }], conditions: [{ type: 'Ready', status: 'False', reason: 'x' }, { type: 'PodScheduled', status: 'True' }, { type: 'other/gate', status: 'True' }] }
  const wanted: PodStatus = { phase: 'Running', podIPs: [{ ip: '2.2.2.2' }], conditions: [{ type: 'Ready', status: 'True' }, { type: 'PodScheduled', status: 'True' }] }
  expect(statusPatch('u', before, wanted)).toEqual({ metadata: { uid: 'u' }, status: { phase: 'Running', reason: null, podIPs: [{ $patch: 'replace' }, { ip: '2.2.2.2' }], conditions: [{ type: 'Ready', status: 'True', reason: null }] } })
  expect(statusPatch('u', wanted, wanted)).toBeUndefined()
})
