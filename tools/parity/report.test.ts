import { expect, test } from 'vitest'
import { percents } from './report'

const areas = [{ area: 'ssa', steps: 8, matched: 6 }, { area: 'empty', steps: 0, matched: 0 }]

test('percent by area, of areas that have steps', () => {
  expect(percents({ areas, summary: '' })).toEqual({ ssa: 75 })
})

test('a run that ended early says nothing', () => {
  expect(() => percents({ areas, stopped: 'out of time', summary: '' })).toThrow('the comparison ended early: out of time')
})
