import { expect, test } from 'vitest'
import { availableIn, isActive, isPodAvailable, isPodReady, isTerminal, isTerminating, nextAvailableIn } from './pod-status'
import { at, makePod, readySince } from './pods.fixture'

test('ready is a condition, not a phase', () => {
  expect(isPodReady(makePod('p', { status: { phase: 'Running' } }))).toBe(false)
  expect(isPodReady(makePod('p', { status: readySince(1) }))).toBe(true)
})

test.each<[string | undefined, boolean, [terminal: boolean, terminating: boolean, active: boolean]]>([
  ['Running', false, [false, false, true]],
  ['Running', true, [false, true, false]],
  ['Failed', false, [true, false, false]],
  ['Succeeded', true, [true, false, false]],
  [undefined, false, [false, false, true]],
])('phase %s, deleted %s', (phase, deleted, expected) => {
  const pod = makePod('p', { status: phase ? { phase } : {}, metadata: deleted ? { deletionTimestamp: at(5) } : {} })
  expect([isTerminal(pod), isTerminating(pod), isActive(pod)]).toEqual(expected)
})

test('available from the moment on at which it has been ready for long enough', () => {
  const pod = makePod('p', { status: readySince(10) })
  expect(availableIn(pod, 5, Date.parse(at(12)))).toBe(3000)
  expect(nextAvailableIn([makePod('q'), pod, makePod('r', { status: readySince(5) })], 5, Date.parse(at(12)))).toBe(3000)
  expect(isPodAvailable(pod, 5, Date.parse(at(14)))).toBe(false)
  expect(isPodAvailable(pod, 5, Date.parse(at(15)))).toBe(true)
  expect(isPodAvailable(pod, 0, 0)).toBe(true)
  expect(isPodAvailable(makePod('p'), 0, Date.parse(at(15)))).toBe(false)
})
