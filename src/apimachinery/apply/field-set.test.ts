import { describe, expect, test } from 'vitest'
import { difference, has, insert, intersection, onlyBelow, pathsOf, readFieldSet, setOf, showPath, sorted, union, without } from './field-set'

const a = setOf(['f:spec'], ['f:spec', 'f:x'], ['f:spec', 'f:y'], ['f:data', 'f:k'])
const b = setOf(['f:spec', 'f:x'], ['f:data'], ['f:data', 'f:k', 'f:z'])

test('membership: an empty node, or one with a dot', () => {
  expect(a).toEqual({ 'f:spec': { '.': {}, 'f:x': {}, 'f:y': {} }, 'f:data': { 'f:k': {} } })
  expect(has(a, ['f:spec'])).toBe(true)
  expect(has(a, ['f:data'])).toBe(false)
  expect(has(a, ['f:data', 'f:k'])).toBe(true)
  expect(has(a, ['f:data', 'f:zzz'])).toBe(false)
})

test('inserting below a member and above members keeps both', () => {
  const set = setOf(['f:a'])
  insert(set, ['f:a', 'f:b'])
  expect(set).toEqual({ 'f:a': { '.': {}, 'f:b': {} } })
  const other = setOf(['f:a', 'f:b'])
  insert(other, ['f:a'])
  expect(other).toEqual(set)
})

describe('algebra', () => {
  test('union', () => {
    expect(union(a, b)).toEqual(setOf(['f:spec'], ['f:spec', 'f:x'], ['f:spec', 'f:y'], ['f:data'], ['f:data', 'f:k'], ['f:data', 'f:k', 'f:z']))
  })
  test('intersection', () => {
    expect(intersection(a, b)).toEqual(setOf(['f:spec', 'f:x']))
  })
  test('difference takes single paths', () => {
    expect(difference(a, setOf(['f:spec'], ['f:data', 'f:k']))).toEqual(setOf(['f:spec', 'f:x'], ['f:spec', 'f:y']))
  })
  test('without takes whole branches', () => {
    expect(without(a, setOf(['f:spec']))).toEqual(setOf(['f:data', 'f:k']))
    expect(without(a, setOf(['f:spec', 'f:x']))).toEqual(setOf(['f:spec'], ['f:spec', 'f:y'], ['f:data', 'f:k']))
  })
  test('onlyBelow keeps branches, with stars for items', () => {
    const set = setOf(['f:l', 'k:{"n":1}', 'f:a'], ['f:l', 'k:{"n":2}', 'f:a', 'f:b'], ['f:l', 'k:{"n":2}', 'f:c'], ['f:m'])
    expect(onlyBelow(set, [['f:l', '*', 'f:a']])).toEqual(setOf(['f:l', 'k:{"n":1}', 'f:a'], ['f:l', 'k:{"n":2}', 'f:a', 'f:b']))
  })
})

test('order: fields, keys by their values, values, indices', () => {
  const elements = ['i:2', 'v:"b"', 'v:10', 'v:9', 'k:{"n":"b"}', 'k:{"n":"a","p":2}', 'k:{"n":"a"}', 'f:b', 'f:a', 'i:10', 'v:true']
  const set = setOf(...elements.map((e) => [e]))
  expect(Object.keys(sorted(set))).toEqual(['f:a', 'f:b', 'k:{"n":"a"}', 'k:{"n":"a","p":2}', 'k:{"n":"b"}', 'v:9', 'v:10', 'v:"b"', 'v:true', 'i:2', 'i:10'])
})

test('paths are listed members first, and shown as messages show them', () => {
  const set = setOf(['f:a', 'k:{"n":"x","p":80}', 'f:b'], ['f:z'], ['f:f', 'v:"x"'], ['f:i', 'i:3'])
  expect(Array.from(pathsOf(set), showPath)).toEqual(['.z', '.a[n="x",p=80].b', '.f[="x"]', '.i[3]'])
})

test('reads what clients write: keys in any order, unknown sorts dropped', () => {
  expect(readFieldSet({ 'k:{"b":1,"a":"<"}': { '.': {} }, 'x:1': {}, 'f:m': { '.': {}, 'f:n': {} } }))
    .toEqual({ 'k:{"a":"\\u003c","b":1}': {}, 'f:m': { '.': {}, 'f:n': {} } })
  expect(() => readFieldSet({ nonsense: {} })).toThrow('missing colon')
})
