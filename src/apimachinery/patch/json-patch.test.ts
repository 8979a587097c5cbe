import { describe, expect, test } from 'vitest'
import { applyJsonPatch, jsonPatchStrictErrors } from './json-patch'

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
const document = frozen({ metadata: { labels: { 'a/b': 'c', x: 'y' } }, data: { a: '1', b: '2', n: null }, list: [1, 2, 3], deep: { items: [{ v: 1 }] } })
const run = (...operations: object[]): Record<string, unknown> => applyJsonPatch(document, operations) as Record<string, unknown>
const codeOf = (patch: unknown): number => {
  try {
    applyJsonPatch(document, patch)
    return 200
  } catch (error) {
    return (error as { code: number }).code
  }
}

test('adds, replaces and removes, and shares what it does not touch', () => {
  const result = run({ op: 'add', path: '/data/c', value: '3' }, { op: 'replace', path: '/data/a', value: 'x' }, { op: 'remove', path: '/data/b' })
  expect(result.data).toEqual({ a: 'x', c: '3', n: null })
  expect(result.metadata).toBe(document.metadata)
})

test('reads ~1 as a slash and ~0 as a tilde', () => {
  const result = run({ op: 'replace', path: '/metadata/labels/a~1b', value: 'd' }, { op: 'add', path: '/data/t~01', value: 'x' })
  expect(result).toMatchObject({ metadata: { labels: { 'a/b': 'd' } }, data: { 't~1': 'x' } })
})

test.each<[string, object[], unknown[]]>([
  ['in the middle', [{ op: 'add', path: '/list/1', value: 9 }], [1, 9, 2, 3]],
  ['at the end', [{ op: 'add', path: '/list/-', value: 9 }], [1, 2, 3, 9]],
  ['behind the last', [{ op: 'add', path: '/list/3', value: 9 }], [1, 2, 3, 9]],
  ['from the end', [{ op: 'add', path: '/list/-1', value: 9 }], [1, 2, 3, 9]],
  ['remove from the end', [{ op: 'remove', path: '/list/-1' }], [1, 2]],
  ['move', [{ op: 'move', from: '/list/0', path: '/list/2' }], [2, 3, 1]],
])('lists: %s', (_, operations, expected) => {
  expect(run(...operations).list).toEqual(expected)
})

test('a copy and its source do not change together', () => {
  const result = run(
    { op: 'add', path: '/deep/items/0/w', value: 2 },
    { op: 'copy', from: '/deep/items/0', path: '/deep/items/-' },
    { op: 'replace', path: '/deep/items/0/v', value: 5 },
  )
  expect(result.deep).toEqual({ items: [{ v: 5, w: 2 }, { v: 1, w: 2 }] })
  expect(document.deep).toEqual({ items: [{ v: 1 }] })
})

describe('what applies though RFC 6902 would refuse it', () => {
  test.each<[string, object]>([
    ['replace sets a missing field', { op: 'replace', path: '/data/zzz', value: 'x' }],
    ['test for null passes on a missing field', { op: 'test', path: '/data/zzz', value: null }],
    ['what stands before the first slash is ignored', { op: 'test', path: 'x/list', value: [1, 2, 3] }],
  ])('%s', (_, operation) => {
    expect(codeOf([operation])).toBe(200)
  })
})

test.each<[string, unknown, number]>([
  ['test fails', [{ op: 'test', path: '/data/a', value: 'no' }], 422],
  ['unknown operation', [{ op: 'nope', path: '/data/a' }], 422],
  ['remove what is not there', [{ op: 'remove', path: '/data/zzz' }], 422],
  ['way is missing', [{ op: 'add', path: '/zzz/a', value: 1 }], 422],
  ['way leads through null', [{ op: 'add', path: '/data/n/a', value: 1 }], 422],
  ['index beyond the end', [{ op: 'add', path: '/list/4', value: 1 }], 422],
  ['replace beyond the end', [{ op: 'replace', path: '/list/3', value: 1 }], 422],
  ['no index', [{ op: 'add', path: '/list/x', value: 1 }], 422],
  ['no path', [{ op: 'add', value: 1 }], 422],
  ['no list', { op: 'add' }, 400],
  ['path is a number', [{ op: 'add', path: 1 }], 400],
  ['null changes nothing', null, 200],
  ['10,001 operations', Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/a', value: '1' })), 413],
  ['10,000 operations', Array.from({ length: 10_000 }, () => ({ op: 'test', path: '/data/a', value: '1' })), 200],
])('%s', (_, patch, code) => {
  expect(codeOf(patch)).toBe(code)
})

test('a refusal says as little as the original', () => {
  expect(() => run({ op: 'nope', path: '/a' })).toThrow(
    expect.objectContaining({ status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'Invalid', code: 422, details: {}, message: 'the server rejected our request due to an error in our request' } }),
  )
})

test('a field named __proto__ is data', () => {
  const result = run({ op: 'add', path: '/data/__proto__', value: { polluted: true } })
  expect(Object.hasOwn(result.data as object, '__proto__')).toBe(true)
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test('names unknown fields for strict validation', () => {
  expect(jsonPatchStrictErrors([{ op: 'test', path: '/a', foo: 1 }])).toEqual(['json patch unknown field "[0].foo"'])
})

test('an operation that does not apply says why, to those who look', () => {
  const why = (operation: object): string => {
    try {
      run(operation)
      return ''
    } catch (error) {
      return ((error as Error).cause as Error).message
    }
  }
  expect(why({ op: 'add', path: '/none/x', value: 1 })).toBe('add operation does not apply: doc is missing path: "/none/x": missing value')
  expect(why({ op: 'add', path: '/list/9', value: 1 })).toBe("error in add for path: '/list/9': Unable to access invalid index: 9: invalid index referenced")
  expect(why({ op: 'remove', path: '/data/z' })).toBe("error in remove for path: '/data/z': Unable to remove nonexistent key: z: missing value")
  expect(why({ op: 'replace', path: '/list/-', value: 1 })).toBe('replace operation does not apply: doc is missing key: /list/-: missing value')
  expect(why({ op: 'move', from: '/data/z', path: '/data/y' })).toBe("error in move for path: 'z': Unable to remove nonexistent key: z: missing value")
  expect(why({ op: 'copy', from: '/list/x', path: '/data/y' })).toBe(`error in copy for from: '/list/x': strconv.Atoi: parsing "x": invalid syntax`)
  expect(why({ op: 'test', path: '/data/a', value: '2' })).toBe('testing value /data/a failed: test failed')
})
