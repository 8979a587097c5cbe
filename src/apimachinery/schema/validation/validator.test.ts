import { expect, test } from 'vitest'
import type { JsonSchema } from '../json-schema'
import { compileListCheck } from './lists'
import { newProblems } from './ratchet'
import { Report } from './report'
import { createValidator } from './validator'

const texts = (schema: JsonSchema, value: unknown): string[] => createValidator(schema)(value).map(({ field, message }) => `${field}: ${message}`)
const of = (name: string, schema: JsonSchema): JsonSchema => ({ type: 'object', properties: { [name]: schema } })

test.each<[JsonSchema, unknown, string[]]>([
  [{ type: 'integer' }, 'a', ['x: Invalid value: "string": x in body must be of type integer: "string"']],
  [{ type: 'string', maxLength: 2 }, 'abc', ['x: Too long: may not be more than 2 bytes']],
  [{ type: 'string', maxLength: 2 }, '😀😀', []],
  [{ type: 'string', pattern: '^(?i)a+$' }, 'AA', []],
  [{ type: 'string', pattern: '^[[:alpha:]]+$' }, 'a1', [`x: Invalid value: "a1": x in body should match '^[[:alpha:]]+$'`]],
  [{ type: 'string', format: 'ipv4' }, '1.2.3', ['x: Invalid value: "1.2.3": x in body must be of type ipv4: "1.2.3"']],
  [{ type: 'string', format: 'nobody-knows' }, 'a', []],
  [{ type: 'integer', format: 'int32' }, 2 ** 40, ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in x']],
  [{ type: 'integer', maximum: 2147483647 }, 2147483648, ['x: Invalid value: 2147483648: x in body should be less than or equal to 2147483647']],
  [{ type: 'number', minimum: 2147483647 }, 0.5, ['x: Invalid value: 0.5: x in body should be greater than or equal to 2.147483647e+09']],
  [{ type: 'number', minimum: 0.5 }, 0, []],
  [{ type: 'number', maximum: 1.5 }, 2, ['x: Invalid value: 2: x in body should be less than or equal to 1']],
  [{ type: 'integer', maximum: 999999 }, 1000000, ['x: Invalid value: 1000000: x in body should be less than or equal to 999999']],
  [{ type: 'integer', multipleOf: 2 }, 2147483647, ['x: Invalid value: 2147483647: x in body should be a multiple of 2']],
  [{ type: 'number', multipleOf: 0.1 }, 0.3, []],
  [{ type: 'number', multipleOf: 0.1 }, 1e-12, ['x: Invalid value: 1e-12: x in body should be a multiple of 0.1']],
  [{ type: 'number', minimum: 1, exclusiveMinimum: true }, 1, ['x: Invalid value: 1: x in body should be greater than 1']],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', ['x: Unsupported value: "c": supported values: "a", "b"']],
  [{ type: 'array', items: { type: 'string' }, maxItems: 1 }, [1, 'a'], ['x[0]: Invalid value: "integer": x[0] in body must be of type string: "integer"', 'x: Too many: 2: must have at most 1 items']],
  [{ type: 'object', required: ['a'], additionalProperties: { type: 'integer' } }, { b: 'c' }, ['x.b: Invalid value: "string": x.b in body must be of type integer: "string"', 'x.a: Required value']],
  [{ 'x-kubernetes-int-or-string': true }, true, ['x: Invalid value: "boolean": x in body must be of type integer,string: "boolean"']],
  [{ type: 'string' }, null, ['x: Invalid value: "null": x in body must be of type string: "null"']],
  [{ type: 'string', nullable: true }, null, []],
  [{ type: 'object', properties: { a: {}, b: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1, b: 1 }, ['<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
  [{ type: 'object', not: { required: ['a'] } }, { a: 1 }, ['<nil>: Invalid value: "": "x" must not validate the schema (not)']],
])('%j with %j', (schema, value, expected) => {
  expect(texts(of('x', schema), { x: value })).toEqual(expected)
})

test('the formats that the API judges', () => {
  const valid = { 'date-time': '2020-02-29T10:00:00Z', date: '2020-02-29', duration: '1h30m', uuid: '123e4567-e89b-12d3-a456-426614174000', email: 'a@b.c', cidr: '10.0.0.0/8', mac: '00:11:22:33:44:55', byte: 'YWI=', uri: 'https://a.b/c', hostname: 'a-b.example.com', ipv6: '::1', 'k8s-short-name': 'a-b' }
  const broken = { 'date-time': '2021-02-29T10:00:00Z', date: '2020-13-01', duration: 'soon', uuid: '123', email: 'a', cidr: '10.0.0.0', mac: '00:11', byte: 'a', uri: 'a b', hostname: '-', ipv6: '1.2.3.4', 'k8s-short-name': 'A' }
  for (const [format, text] of Object.entries(valid)) expect(texts({ type: 'string', format }, text), format).toEqual([])
  for (const [format, text] of Object.entries(broken)) expect(texts({ type: 'string', format }, text), format).toHaveLength(1)
})

test('lists of keys and sets hold nothing twice', () => {
  const schema = of('l', { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', properties: { s: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } } } })
  const report = new Report()
  compileListCheck(schema)!({ l: [{ k: 'a', s: ['x', 'x'] }, { k: 'a' }] }, report)
  expect(report.problems.map(({ field, message }) => `${field}: ${message}`)).toEqual(['l[1]: Duplicate value: {"k":"a"}', 'l[0].s[1]: Duplicate value: "x"'])
})

test('what an update did not touch is let be', () => {
  const schema: JsonSchema = { type: 'object', properties: { a: { type: 'string', maxLength: 1 }, l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', properties: { v: { type: 'integer', maximum: 1 } } } } } }
  const old = { a: 'long', l: [{ k: 'x', v: 5 }] }
  const left = (value: object): string[] => newProblems(createValidator(schema)(value), schema, value, old).map(({ field }) => field)
  expect(left({ ...old, l: [{ k: 'y', v: 0 }, { k: 'x', v: 5 }] })).toEqual([])
  expect(left({ a: 'longer', l: [{ k: 'x', v: 6 }] })).toEqual(['a', 'l[0].v'])
})
