import { expect, test } from 'vitest'
import type { Taint, Toleration } from '#api/core/v1/types'
import { toleratedSeconds, untoleratedOf, withoutTaint, withTaint } from './taints'
import { tolerates, untolerated } from './tolerations'

const taint = (key: string, effect = 'NoSchedule', value?: string): Taint => ({ key, effect, ...(value ? { value } : {}) })

test.each<[Toleration, Taint, boolean]>([
  [{ key: 'a', operator: 'Exists' }, taint('a'), true],
  [{ operator: 'Exists' }, taint('a'), true],
  [{ key: 'a', value: 'x' }, taint('a', 'NoSchedule', 'x'), true],
  [{ key: 'a' }, taint('a'), true],
  [{ key: 'a', value: 'y' }, taint('a', 'NoSchedule', 'x'), false],
  [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }, taint('a'), false],
  [{ key: 'b', operator: 'Exists' }, taint('a'), false],
])('%j on %j: %s', (toleration, on, expected) => {
  expect(tolerates(toleration, on)).toBe(expected)
})

test('the first that is not tolerated, of the effects asked for', () => {
  const taints = [taint('a', 'PreferNoSchedule'), taint('b'), taint('c', 'NoExecute')]
  expect(untolerated(taints, [{ key: 'a', operator: 'Exists' }])).toBe(taints[1])
  expect(untoleratedOf(taints, undefined, ['NoExecute'])).toBe(taints[2])
  expect(untoleratedOf(taints, [{ operator: 'Exists' }], ['NoSchedule', 'NoExecute'])).toBeUndefined()
})

test('key and effect tell taints apart', () => {
  const list = Object.freeze([taint('a'), taint('a', 'NoExecute')])
  expect(withTaint(list, taint('a'))).toBe(list)
  expect(withTaint(list, taint('a', 'NoSchedule', 'v'))).toEqual([taint('a', 'NoSchedule', 'v'), list[1]])
  expect(withTaint(list, taint('b'))).toEqual([...list, taint('b')])
  expect(withoutTaint(list, taint('a', 'NoExecute'))).toEqual([list[0]])
  expect(withoutTaint(list, taint('z'))).toBe(list)
})

test('how long a pod may stay', () => {
  const taints = [taint('a', 'NoExecute'), taint('b', 'NoExecute'), taint('c')]
  const a: Toleration = { key: 'a', operator: 'Exists', tolerationSeconds: 300 }
  expect(toleratedSeconds(taints, [a])).toBeUndefined()
  expect(toleratedSeconds(taints, [a, { key: 'b', operator: 'Exists' }])).toBe(300)
  expect(toleratedSeconds(taints, [{ operator: 'Exists' }])).toBe(Infinity)
})
