import { describe, expect, test } from 'vitest'
import { difference, has, insert, intersection, onlyBelow, pathsOf, readFieldSet, setOf, showPath, union, without } from './field-set'
import { fieldsOf, textOf } from './field-text'
import { encodeManaged, parseManaged } from './managed'

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
  expect(Object.keys(JSON.parse(textOf(set)) as object)).toEqual(['f:a', 'f:b', 'k:{"n":"a"}', 'k:{"n":"a","p":2}', 'k:{"n":"b"}', 'v:9', 'v:10', 'v:"b"', 'v:true', 'i:2', 'i:10'])
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

test('the text of a set that was changed in one place keeps the order everywhere', () => {
  const text = '{"f:metadata":{"f:labels":{".":{},"f:a":{},"f:c":{}}},"f:spec":{"f:x":{}}}'
  expect(textOf(fieldsOf(text))).toBe(text)
  expect(textOf(union(setOf(['f:metadata', 'f:labels', 'f:b'], ['f:data']), fieldsOf(text)))).toBe(
    '{"f:data":{},"f:metadata":{"f:labels":{".":{},"f:a":{},"f:b":{},"f:c":{}}},"f:spec":{"f:x":{}}}',
  )
})

test('entries are told apart whatever stands in names and keys', () => {
  const nasty = '},{"manager":"x","fieldsV1":{},"subresource":"y'
  const entries = ['', 'status', nasty].map((subresource) => ({
    manager: nasty, operation: 'Update' as const, apiVersion: 'v1', subresource, time: '2026-01-01T00:00:00Z', fields: setOf([`f:${nasty}`, 'f:a'], [`k:${JSON.stringify({ k: nasty })}`]),
  }))
  const text = encodeManaged(entries)
  const read = parseManaged(text)
  const names = (of: readonly { manager?: string; subresource?: string }[]): string[] => of.map(({ manager, subresource }) => `${manager} ${subresource}`).sort()
  expect(names(read)).toEqual(names(entries))
  expect(read.map(({ fields }) => fields)).toEqual([entries[0]!.fields, entries[0]!.fields, entries[0]!.fields])
  expect(encodeManaged(read)).toBe(text)
})
