import type { Field, ListOf, Schema, Struct } from './schema'
import { additionalOf, itemsOf, type JsonSchema } from './json-schema'

/**
 * Compiles the structural schema of one version of a custom resource. What the server gives every object (apiVersion, kind, metadata)
 * is there whatever the schema says of it: `objectMeta` is the built-in struct.
 */
export function compileStructural(schema: JsonSchema | undefined, name: string, objectMeta: Struct): Struct {
  return resource(schema ?? { 'x-kubernetes-preserve-unknown-fields': true }, name, objectMeta)
}

const string: Schema = { type: 'string' }
const untyped: Schema = { type: 'untyped' }
const deduced: Schema = { type: 'untyped', deduced: true }
const preserves = (schema: JsonSchema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true

function resource(schema: JsonSchema, name: string, objectMeta: Struct): Struct {
  const fields = fieldsOf(schema, objectMeta)
  const own = (name: string, schema: Schema): [string, Field] => [name, field(name, schema, {}, true)]
  return {
    type: 'struct', name, atomic: schema['x-kubernetes-map-type'] === 'atomic', preserveUnknown: preserves(schema),
    fields: new Map([own('apiVersion', string), own('kind', string), own('metadata', objectMeta), ...fields.filter(([name]) => !inEveryObject.has(name))]),
  }
}

const inEveryObject = new Set(['apiVersion', 'kind', 'metadata'])

function fieldsOf({ properties = {}, required = [] }: JsonSchema, objectMeta: Struct): [string, Field][] {
  return Object.entries(properties).map(([name, schema]) => [name, field(name, compile(schema, objectMeta), schema, required.includes(name))])
}

function field(name: string, schema: Schema, { nullable = false, default: constant }: JsonSchema, required: boolean): Field {
  return { name, schema, proto: [], required, zero: 'keep', nullable, ...(constant === undefined || constant === null ? {} : { default: constant }), retainKeys: false }
}

function compile(schema: JsonSchema, objectMeta: Struct): Schema {
  if (schema['x-kubernetes-int-or-string']) return { type: 'intOrString' }
  if (schema['x-kubernetes-embedded-resource']) return resource(schema, '', objectMeta)
  switch (schema.type) {
    case 'string':
      return string
    case 'boolean':
      return { type: 'boolean' }
    case 'integer':
      return { type: schema.format === 'int32' ? 'int32' : 'int64' }
    case 'number':
      return { type: 'double' }
    case 'array':
      return list(schema, objectMeta)
    case 'object':
      return object(schema, objectMeta)
    default:
      return deduced
  }
}

function object(schema: JsonSchema, objectMeta: Struct): Schema {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
    const values = additionalOf(schema)
    return { type: 'map', values: values ? compile(values, objectMeta) : deduced, atomic }
  }
  return { type: 'struct', name: '', fields: new Map(fieldsOf(schema, objectMeta)), atomic, preserveUnknown: preserves(schema) }
}

function list(schema: JsonSchema, objectMeta: Struct): ListOf {
  const items = itemsOf(schema)
  const listType = schema['x-kubernetes-list-type']
  return {
    type: 'list', items: items ? compile(items, objectMeta) : untyped,
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    keys: schema['x-kubernetes-list-map-keys'] ?? [],
  }
}
