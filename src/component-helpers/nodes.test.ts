import { describe, expect, test } from 'vitest'
import type { Node } from '#api/core/v1/types'
import { isNodeReady, nodeAddress } from './node-status'
import { isCriticalPod } from './priorities'
import { makePod } from './pods.fixture'
import { isMirrorPod, isStaticPod } from './static-pods'
import { hostnameOf, zoneKey } from './topology'

const node = (labels: Record<string, string>, status: object = {}): Node => ({ metadata: { name: 'n', labels }, status }) as unknown as Node

describe('topology', () => {
  test.each<[Record<string, string>, string]>([
    [{}, ''],
    [{ 'topology.kubernetes.io/zone': 'z' }, ':\u0000:z'],
    [{ 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r' }, 'r:\u0000:z'],
    [{ 'topology.kubernetes.io/zone': 'z', 'failure-domain.beta.kubernetes.io/zone': 'old' }, ':\u0000:old'],
  ])('%j', (labels, key) => {
    expect(zoneKey(node(labels))).toBe(key)
  })
  test('a host is called by its label, or else by its name', () => {
    expect([hostnameOf(node({})), hostnameOf(node({ 'kubernetes.io/hostname': 'h' }))]).toEqual(['n', 'h'])
  })
})

test('readiness and addresses', () => {
  const ready = node({}, { conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] })
  expect([isNodeReady(ready), isNodeReady(node({}))]).toEqual([true, false])
  expect([nodeAddress(ready, 'InternalIP'), nodeAddress(ready, 'Hostname')]).toEqual(['10.0.0.1', undefined])
})

test.each<[string, Parameters<typeof makePod>[1], [boolean, boolean, boolean]]>([
  ['from the API', { metadata: { annotations: { 'kubernetes.io/config.source': 'api' } } }, [false, false, false]],
  ['static', { metadata: { annotations: { 'kubernetes.io/config.source': 'file' } } }, [true, false, true]],
  ['mirror', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'hash' } } }, [false, true, true]],
  ['critical', { spec: { priority: 2_000_000_000 } }, [false, false, true]],
  ['important', { spec: { priority: 1_999_999_999 } }, [false, false, false]],
])('a pod that is %s', (_, of, expected) => {
  const pod = makePod('p', of)
  expect([isStaticPod(pod), isMirrorPod(pod), isCriticalPod(pod)]).toEqual(expected)
})
