import { expect, test } from 'vitest'
import type { Pod } from '#api/core/v1/types'
import { deletionCost, inDeletionOrder } from './pod-deletion-order'
import { at, makeContainer, makePod, readySince } from './pods.fixture'

const now = Date.parse(at(0)) + 3_600_000
const onNode = (name: string, nodeName: string, rest: Parameters<typeof makePod>[1] = {}): Pod =>
  makePod(name, { status: readySince(0), ...rest, spec: { nodeName, ...rest.spec } })
const restarted = (times: number): Pod['status'] => ({ ...readySince(0), containerStatuses: [{ name: 'c', restartCount: times }] as never })

test.each<[string, Pod, Pod]>([
  ['not yet on a node', makePod('x', { status: readySince(0) }), onNode('a', 'n')],
  ['pending before running', onNode('x', 'n', { status: { phase: 'Pending' } }), onNode('a', 'n')],
  ['not ready', onNode('x', 'n', { status: { phase: 'Running' } }), onNode('a', 'n')],
  ['the cheaper one', onNode('x', 'n', { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-5' } } }), onNode('a', 'n')],
  ['ready for a much shorter time', onNode('x', 'n', { status: readySince(3599) }), onNode('a', 'n')],
  ['more restarts', onNode('x', 'n', { status: restarted(3) }), onNode('a', 'n', { status: restarted(1) })],
  ['much younger', onNode('x', 'n', { metadata: { creationTimestamp: at(3590) } }), onNode('a', 'n')],
  ['of nearly the same age, the lower UID', onNode('a', 'n', { metadata: { creationTimestamp: at(0) } }), onNode('b', 'n', { metadata: { creationTimestamp: at(10) } })],
])('first goes: %s', (_, first, second) => {
  const names = [first.metadata.name, second.metadata.name]
  expect(inDeletionOrder([first, second], now).map((p) => p.metadata.name)).toEqual(names)
  expect(inDeletionOrder([second, first], now).map((p) => p.metadata.name)).toEqual(names)
})

test('a crowded node gives first', () => {
  const pods = [onNode('alone', 'n1'), onNode('together', 'n2'), onNode('both', 'n2')]
  expect(inDeletionOrder(pods, now).at(-1)!.metadata.name).toBe('alone')
})

test('sidecars count when regular containers are even', () => {
  const with3 = onNode('x', 'n', {
    spec: { initContainers: [makeContainer('s', { restartPolicy: 'Always' })] },
    status: { ...readySince(0), initContainerStatuses: [{ name: 's', restartCount: 3 }] as never },
  })
  expect(inDeletionOrder([onNode('a', 'n'), with3], now)[0]).toBe(with3)
})

test.each([['10', 10], ['-1', -1], ['+1', 0], ['01', 0], ['x', 0], ['2147483648', 0]])('cost %s is %d', (text, cost) => {
  expect(deletionCost(makePod('p', { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': text } } }))).toBe(cost)
})
