import { expect, test } from 'vitest'
import { structs } from '../meta/v1/types.gen'
import { decodeCustom } from './decode-custom'
import type { JsonSchema } from './json-schema'
import type { ListOf, Struct } from './schema'
import { compileStructural } from './structural'

const compile = (schema: JsonSchema): Struct => compileStructural(schema, 'Widget', structs.ObjectMeta as Struct)

function decode(schema: JsonSchema, object: object): { object: object; unknown: string[] } {
  const unknown: string[] = []
  decodeCustom(compile(schema), object, (path) => unknown.push(path))
  return { object, unknown }
}

test('lists, maps and structs say who owns what', () => {
  const struct = compile({ type: 'object', properties: { l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object' } }, a: { type: 'object', 'x-kubernetes-map-type': 'atomic' }, m: { type: 'object', additionalProperties: { type: 'integer' } } } })
  expect(struct.fields.get('l')!.schema as ListOf).toMatchObject({ listType: 'map', keys: ['k'] })
  expect(struct.fields.get('a')!.schema).toMatchObject({ type: 'struct', atomic: true })
  expect(struct.fields.get('m')!.schema).toMatchObject({ type: 'map', values: { type: 'int64' } })
  expect([...struct.fields.keys()].slice(0, 3)).toEqual(['apiVersion', 'kind', 'metadata'])
})

test('unknown fields go, but where they may stay', () => {
  const schema: JsonSchema = { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string' }, any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { b: { type: 'object', properties: {} } } } } } } }
  expect(decode(schema, { metadata: { name: 'x', foo: 1 }, spec: { z: 1, a: 5, any: { c: { d: 1 }, b: { e: 1 } } }, extra: 1 })).toEqual({
    object: { metadata: { name: 'x' }, spec: { a: 5, any: { c: { d: 1 }, b: {} } } }, unknown: ['metadata.foo', 'extra', 'spec.any.b.e', 'spec.z'],
  })
})

test('defaults at every depth; nulls are values only where they may be', () => {
  const schema: JsonSchema = { type: 'object', properties: {
    spec: { type: 'object', default: {}, properties: {
      a: { type: 'string', default: 'x' }, zero: { type: 'integer', default: 3 }, n: { type: 'string', nullable: true, default: 'd' }, gone: { type: 'string' },
      list: { type: 'array', items: { type: 'object', properties: { p: { type: 'string', default: 'TCP' } } } },
      map: { type: 'object', additionalProperties: { type: 'object', properties: { q: { type: 'boolean', default: true } } } },
    } },
  } }
  expect(decode(schema, {}).object).toEqual({ spec: { a: 'x', zero: 3, n: 'd' } })
  expect(decode(schema, { spec: { a: null, zero: 0, n: null, gone: null, list: [{}], map: { m: {} } } }).object).toEqual({
    spec: { a: 'x', zero: 0, n: null, list: [{ p: 'TCP' }], map: { m: { q: true } } },
  })
})

test('embedded resources have metadata of their own', () => {
  const schema: JsonSchema = { type: 'object', properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object', properties: {} } } } } }
  expect(decode(schema, { template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', foo: 1 }, spec: { a: 1 } } })).toEqual({
    object: { template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: {} } }, unknown: ['template.metadata.foo', 'template.spec.a'],
  })
  expect(() => decode(schema, { template: { metadata: { labels: { a: 5 } } } })).toThrow('cannot unmarshal number into Go struct field ObjectMeta.labels of type string')
})
