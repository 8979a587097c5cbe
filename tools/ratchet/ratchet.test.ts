import { expect, test } from 'vitest'
import { compareCounts, comparePercents, lostNames, tighten } from './compare'
import { filesOver400, missingRules, usesOfAny } from './counts'
import { readLimits, readNames } from './limits'

test('any is counted where it is a type, and nowhere else', () => {
  const text = `// any of these\nconst any = 'any'\nfunction f(x: any, y: Map<string, any[]>): string {\n  return any + (x as any)\n}\n`
  expect(usesOfAny([{ path: 'a.ts', text }, { path: 'b.ts', text: 'export const many = 1\n' }])).toEqual(['a.ts:3', 'a.ts:3', 'a.ts:4'])
})

test('files are too long from line 401, except lists of types', () => {
  const lines = (count: number): string => 'x\n'.repeat(count)
  expect(filesOver400([{ path: 'a.ts', text: lines(400) }, { path: 'b.ts', text: lines(401) }, { path: 'src/api/v1/types.ts', text: lines(900) }])).toEqual(['b.ts: 401 lines'])
})

test('each missing rule of a kind counts', () => {
  expect(missingRules([{ kind: 'Pod', missing: ['a', 'b'] }, { kind: 'Node', missing: [] }])).toEqual(['Pod: a', 'Pod: b'])
})

test('counts may not grow, percents may not shrink, names may not be lost', () => {
  expect(compareCounts({ a: ['x'], b: ['x', 'y'], c: ['x'] }, { a: 1, b: 1 }).map(({ name, worse }) => [name, worse])).toEqual([['a', false], ['b', true], ['c', true]])
  expect(comparePercents({ a: 80.9, b: 79.9, c: 3 }, { a: 80, b: 80, unmeasured: 99 }).map(({ name, worse }) => [name, worse])).toEqual([['a', false], ['b', true], ['c', false]])
  expect(lostNames(['a', 'c'], ['a', 'b'])).toEqual(['b'])
})

test('tightening takes what got better and leaves what got worse', () => {
  expect(tighten({ a: 5, b: 1, d: 4 }, compareCounts({ a: ['x'], b: ['x', 'y'], c: ['x'] }, { a: 5, b: 1 }))).toEqual({ a: 1, b: 1, c: 1, d: 4 })
  expect(tighten({ a: 80 }, comparePercents({ a: 90.5, b: 3.2 }, { a: 80 }))).toEqual({ a: 90, b: 3 })
})

test('our own limits can be read', () => {
  const { counts, parity } = readLimits()
  expect([...Object.values(counts), ...Object.values(parity)].every((value) => Number.isInteger(value) && value >= 0)).toBe(true)
  expect(readNames()).toEqual([...new Set(readNames())].sort())
})
