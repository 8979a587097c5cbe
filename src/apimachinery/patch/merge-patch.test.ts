import { expect, test } from 'vitest'
import { applyMergePatch } from './merge-patch'

const document = Object.freeze({ a: Object.freeze({ b: 1, c: [1, { d: null }] }), n: null, s: 'x' })

test.each<[string, object, object]>([
  ['null removes', { a: { b: null } }, { a: { c: [1, { d: null }] }, n: null, s: 'x' }],
  ['null on nothing does nothing', { zzz: null }, { ...document }],
  ['lists are replaced', { a: { c: [2] } }, { a: { b: 1, c: [2] }, n: null, s: 'x' }],
  ['nulls in what is new are dropped, in lists too', { new: { x: null, y: [{ z: null }, null] } }, { ...document, new: { y: [{}, null] } }],
  ['an object takes the place of a scalar', { s: { x: null, y: 1 } }, { ...document, s: { y: 1 } }],
  ['a list takes the place of an object as it is', { a: [{ x: null }] }, { ...document, a: [{ x: null }] }],
])('%s', (_, patch, expected) => {
  expect(applyMergePatch(document, patch)).toEqual(expected)
})

test('shares what it does not touch, and returns the document when nothing changes', () => {
  expect(applyMergePatch(document, { s: 'y' }).a).toBe(document.a)
  expect(applyMergePatch(document, { s: 'x', a: { b: 1 } })).toBe(document)
})

test.each<[unknown, string]>([
  [[], 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}'],
  [null, 'Invalid JSON Patch'],
])('refuses %j', (patch, message) => {
  expect(() => applyMergePatch(document, patch)).toThrow(expect.objectContaining({ code: 400, message }))
})
