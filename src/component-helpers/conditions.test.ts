import { expect, test } from 'vitest'
import { findCondition, isConditionTrue, withCondition, withoutCondition, withWorkloadCondition, type AnyCondition } from './conditions'

const at = (minute: number): string => `2026-11-01T10:0${minute}:00Z`
const ready: AnyCondition = { type: 'Ready', status: 'True', reason: 'A', lastTransitionTime: at(1) }
const list: readonly AnyCondition[] = Object.freeze([ready, { type: 'Other', status: 'False' }])

test('finds by type', () => {
  expect(findCondition(list, 'Ready')).toBe(ready)
  expect(isConditionTrue(list, 'Other')).toBe(false)
  expect(isConditionTrue(undefined, 'Ready')).toBe(false)
})

test('a status that stays keeps its time; one that turns takes the new one', () => {
  expect(withCondition(list, { ...ready, reason: 'B', lastTransitionTime: at(2) })[0]).toEqual({ ...ready, reason: 'B' })
  expect(withCondition(list, { ...ready, status: 'False', lastTransitionTime: at(2) })[0]).toEqual({ ...ready, status: 'False', lastTransitionTime: at(2) })
  expect(withCondition(list, { ...ready, lastTransitionTime: at(2) })).toBe(list)
  expect(withCondition(undefined, ready)).toEqual([ready])
})

test('workloads: the same status for the same reason is left alone, others move to the end', () => {
  expect(withWorkloadCondition(list, { ...ready, message: 'new', lastTransitionTime: at(2) })).toEqual(list)
  expect(withWorkloadCondition(list, { ...ready, reason: 'B', lastTransitionTime: at(2) })).toEqual([list[1], { ...ready, reason: 'B' }])
})

test('removes', () => {
  expect(withoutCondition(list, 'Ready')).toEqual([list[1]])
  expect(withoutCondition(list, 'None')).toEqual(list)
})
