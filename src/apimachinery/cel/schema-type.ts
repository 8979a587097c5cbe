import { additionalOf, itemsOf, type JsonSchema } from '../schema/json-schema'
import type { CelObjectType, CelType } from './contract'
import { escapeName, isReserved, unescapeName } from './escaping'

export interface SchemaTypeOptions {
  /** Of a resource: apiVersion, kind, metadata.name and metadata.generateName are there, whatever the schema says of metadata. */
  readonly root?: boolean
  /** What messages call its objects: `self`, `self.spec`. */
  readonly name?: string
  /** What a `$ref` of an OpenAPI document means. */
  readonly resolve?: (reference: string) => JsonSchema | undefined
}

interface Sized {
  readonly type: CelType
  /** The fewest bytes that a value takes in JSON: how many of it can be in one request follows from that. */
  readonly minSize: number
}

const maxRequest = 3 * 1024 * 1024
const longestText = maxRequest - 2
const [dateSize, shortestTime, longestTime, shortestDuration, longestDuration] = [12, 21, 32, 3, 32]
const text: JsonSchema = { type: 'string' }
const rootProperties: Readonly<Record<string, JsonSchema>> = {
  apiVersion: text, kind: text, metadata: { type: 'object', properties: { name: text, generateName: text } },
}

/** The type of values of a schema, with the limits that estimates of costs need; undefined where expressions do not see such values. */
export function schemaType(schema: JsonSchema, { root = false, name = 'selfType', resolve = () => undefined }: SchemaTypeOptions = {}): CelType | undefined {
  return sizedType(schema, root, name, resolve)?.type
}

/** How often a value may be in one request, where nothing limits the lists and maps that it is in. */
export function maxCardinality(schema: JsonSchema, root = false): number {
  return Math.floor(maxRequest / ((sizedType(schema, root, '', () => undefined)?.minSize ?? 1) + 1))
}

type Resolve = NonNullable<SchemaTypeOptions['resolve']>

function sizedType(given: JsonSchema, root: boolean, name: string, resolve: Resolve): Sized | undefined {
  const schema = resolved(given, resolve)
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') {
    return { type: { sort: 'dyn', max: schema.maxLength === undefined ? longestText : Math.max(schema.maxLength, 0) * 4 }, minSize: 1 }
  }
  switch (schema.type) {
    case 'array':
      return listType(schema, name, resolve)
    case 'object':
      return additionalOf(schema) && !root ? mapType(schema, name, resolve) : objectOf(schema, root, name, resolve)
    case 'string':
      return textType(schema)
    case 'boolean':
      return { type: { sort: 'bool' }, minSize: 4 }
    case 'number':
      return { type: { sort: 'double' }, minSize: 1 }
    case 'integer':
      return { type: { sort: 'int' }, minSize: 1 }
    default:
      return undefined
  }
}

/** OpenAPI documents refer to definitions, alone or beside a description. */
function resolved(schema: JsonSchema, resolve: Resolve): JsonSchema {
  const reference = schema.$ref ?? (schema.type === undefined && schema.allOf?.length === 1 ? schema.allOf[0]!.$ref : undefined)
  return (reference !== undefined && resolve(reference)) || schema
}

function listType(schema: JsonSchema, name: string, resolve: Resolve): Sized | undefined {
  const items = itemsOf(schema)
  const item = items && sizedType(items, items['x-kubernetes-embedded-resource'] ?? false, `${name}.@idx`, resolve)
  if (!item) return undefined
  const max = schema.maxItems === undefined ? Math.floor(longestText / (item.minSize + 1)) : Math.max(schema.maxItems, 0)
  const kind = schema['x-kubernetes-list-type']
  const unordered = kind === 'set' ? 'set' : kind === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : undefined
  return { type: { sort: 'list', item: item.type, max, ...(unordered && { unordered }) }, minSize: 2 }
}

function mapType(schema: JsonSchema, name: string, resolve: Resolve): Sized | undefined {
  const values = additionalOf(schema)!
  const value = sizedType(values, values['x-kubernetes-embedded-resource'] ?? false, `${name}.@elem`, resolve)
  if (!value) return undefined
  const max = schema.maxProperties === undefined ? Math.floor(longestText / (value.minSize + 6)) : Math.max(schema.maxProperties, 0)
  return { type: { sort: 'map', key: { sort: 'string', max: 0 }, value: value.type, max }, minSize: 2 }
}

function saysItsMetadata({ properties = {} }: JsonSchema, resolve: Resolve): boolean {
  const metadata = properties['metadata'] && resolved(properties['metadata'], resolve)
  const names = metadata?.properties ?? {}
  return [properties['kind'], properties['apiVersion'], names['name'], names['generateName']].every((one) => one?.type === 'string') && metadata!.type === 'object'
}

/** Types of an OpenAPI document's definitions, which refer to themselves: one for each, however often it is met. */
const definitions = new WeakMap<JsonSchema, Map<string, Sized>>()

function objectOf(schema: JsonSchema, root: boolean, name: string, resolve: Resolve): Sized {
  const properties = root && !saysItsMetadata(schema, resolve) ? { ...schema.properties, ...rootProperties } : (schema.properties ?? {})
  const key = `${root} ${name.split('.')[0]}`
  const made = definitions.get(schema)?.get(key)
  if (made) return made
  let fields: Map<string, CelType> | undefined
  const property = ([field, one]: [string, JsonSchema]): [string, Sized | undefined] =>
    [field, sizedType(one, one['x-kubernetes-embedded-resource'] ?? false, `${name}.${escapeName(field) ?? field}`, resolve)]
  const type: CelObjectType = {
    sort: 'object', name, jsonName: unescapeName,
    fields() {
      if (fields) return fields
      fields = new Map()
      for (const [field, found] of Object.entries(properties).map(property)) {
        const escaped = found && escapeName(field)
        if (!found || escaped === undefined) continue
        fields.set(escaped, found.type)
        if (isReserved(field)) fields.set(field, found.type)
      }
      return fields
    },
  }
  const sized = { type, minSize: 2 }
  definitions.set(schema, (definitions.get(schema) ?? new Map<string, Sized>()).set(key, sized))
  for (const field of schema.required ?? []) {
    const one = properties[field]
    const found = one && one.default === undefined ? property([field, one])[1] : undefined
    if (found) sized.minSize += Buffer.byteLength(field) + found.minSize + 4
  }
  return sized
}

function textType(schema: JsonSchema): Sized {
  const { maxLength } = schema
  switch (schema.format) {
    case 'byte':
      return { type: { sort: 'bytes', max: maxLength === undefined ? longestText : Math.max(maxLength, 0) }, minSize: 2 }
    case 'duration':
      return { type: { sort: 'duration', max: longestDuration }, minSize: shortestDuration }
    case 'date':
      return { type: { sort: 'timestamp', max: dateSize }, minSize: dateSize }
    case 'date-time':
      return { type: { sort: 'timestamp', max: longestTime }, minSize: shortestTime }
    default:
      return { type: { sort: 'string', max: longestOf(schema) }, minSize: 2 }
  }
}

/** Characters of up to four bytes, since it is bytes that a request is measured by. */
function longestOf({ maxLength, enum: values }: JsonSchema): number {
  if (maxLength !== undefined) return Math.max(maxLength, 0) * 4
  if (!values || values.length === 0) return longestText
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)))
}
