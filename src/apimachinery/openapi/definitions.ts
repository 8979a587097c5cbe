import type { Field, Schema, Struct } from '../schema/schema'
import { publishedDefaults } from './published-defaults'
import { publishedEnums } from './published-enums'

/** A schema object of an OpenAPI v3 document. */
export interface OpenApiSchema {
  description?: string
  type?: string
  format?: string
  $ref?: string
  allOf?: OpenApiSchema[]
  oneOf?: OpenApiSchema[]
  items?: OpenApiSchema
  properties?: Record<string, OpenApiSchema>
  additionalProperties?: OpenApiSchema
  required?: string[]
  default?: unknown
  enum?: readonly string[]
  [extension: `x-kubernetes-${string}`]: unknown
}

export interface GroupVersionKind {
  group: string
  version: string
  kind: string
}

/** Texts for people, by definition and field; undefined where there is none. */
export interface Descriptions {
  of(definition: string): string | undefined
  ofField(definition: string, field: string): string | undefined
}
export const noDescriptions: Descriptions = { of: () => undefined, ofField: () => undefined }

const prefixes: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
}
const metaPrefix = `${prefixes['meta']}.v1`
const refHead = '#/components/schemas/'

/** `core/v1` and `Pod` -> `io.k8s.api.core.v1.Pod`. */
export function definitionName(origin: string, name: string): string {
  const [group = '', version = ''] = origin.split('/')
  return `${prefixes[group] ?? `io.k8s.api.${group}`}.${version}.${name}`
}

export const refTo = (definition: string): OpenApiSchema => ({ $ref: `${refHead}${definition}` })

/** Types without a struct of their own. */
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'
const rawExtension = 'io.k8s.apimachinery.pkg.runtime.RawExtension'
const json = `${prefixes['apiextensions']}.v1.JSON`
const special: Readonly<Record<string, OpenApiSchema>> = {
  [quantity]: { description: 'An amount: a decimal with a suffix such as m, k, M, Ki or Gi, or an exponent.', oneOf: [{ type: 'string' }, { type: 'number' }] },
  [intOrString]: { description: 'A whole number or a text.', format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  [`${metaPrefix}.Time`]: { description: 'A point in time in RFC 3339 with whole seconds.', format: 'date-time', type: 'string' },
  [`${metaPrefix}.MicroTime`]: { description: 'A point in time in RFC 3339 with microseconds.', format: 'date-time', type: 'string' },
  [`${metaPrefix}.FieldsV1`]: { description: 'A set of fields, as a tree of their names.', type: 'object' },
  [`${metaPrefix}.Patch`]: { description: 'A change to an object, in one of several formats.', type: 'object' },
  [rawExtension]: { description: 'An object of a kind that is not known here.', type: 'object' },
  [json]: { description: 'Any JSON value.' },
}

const primitives = {
  string: { type: 'string' }, boolean: { type: 'boolean' }, int32: { type: 'integer', format: 'int32' }, int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' }, bytes: { type: 'string', format: 'byte' },
} as const

/** Collects the definitions that are reached from what a document names. */
export class Definitions {
  readonly schemas: Record<string, OpenApiSchema> = {}
  readonly #descriptions: Descriptions
  readonly #gvks: (definition: string, struct: Struct) => GroupVersionKind[]

  /** `gvks` says of which kinds a struct is, for the extension that tells clients. */
  constructor(descriptions: Descriptions, gvks: (definition: string, struct: Struct) => GroupVersionKind[]) {
    this.#descriptions = descriptions
    this.#gvks = gvks
  }

  /** A reference to a struct, which joins the definitions with everything that it needs. */
  struct(given: Struct): OpenApiSchema {
    const struct = given.base ?? given
    const name = definitionName(struct.origin ?? 'core/v1', struct.name)
    if (!this.schemas[name]) {
      // The description comes first: types that hold themselves ask for it before the rest is there.
      const schema: OpenApiSchema = described(this.#descriptions.of(name))
      this.schemas[name] = schema
      Object.assign(schema, this.#describe(name, struct))
    }
    return refTo(name)
  }

  /** A definition that comes as a schema object: a custom resource's. */
  given(name: string, schema: OpenApiSchema): OpenApiSchema {
    this.schemas[name] ??= schema
    return refTo(name)
  }

  /** The list kind of a kind: not in any table, since all of them look alike. */
  list(item: OpenApiSchema, listMeta: Struct, gvk: GroupVersionKind): OpenApiSchema {
    const name = `${item.$ref!.slice(refHead.length)}List`
    if (this.schemas[name]) return refTo(name)
    const text = (field: string): { description?: string } => described(this.#descriptions.ofField(name, field))
    this.schemas[name] = {
      ...described(this.#descriptions.of(name)),
      properties: {
        apiVersion: { ...text('apiVersion'), type: 'string' },
        items: { ...text('items'), items: item, type: 'array' },
        kind: { ...text('kind'), type: 'string' },
        metadata: { allOf: [this.struct(listMeta)], default: {}, ...text('metadata') },
      },
      required: ['items'],
      type: 'object',
      'x-kubernetes-group-version-kind': [{ ...gvk, kind: `${gvk.kind}List` }],
    }
    return refTo(name)
  }

  special(name: 'Patch'): OpenApiSchema {
    return this.#special(`${metaPrefix}.${name}`)
  }

  #special(name: string): OpenApiSchema {
    this.schemas[name] ??= special[name]!
    return refTo(name)
  }

  #describe(name: string, struct: Struct): OpenApiSchema {
    const properties: Record<string, OpenApiSchema> = {}
    const required: string[] = []
    for (const field of struct.fields.values()) if (field.required) required.push(field.name)
    for (const field of [...struct.fields.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) properties[field.name] = this.#field(name, struct, field)
    const gvks = this.#gvks(name, struct)
    return {
      ...described(this.#descriptions.of(name)),
      ...(struct.fields.size > 0 ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
      type: 'object',
      ...(gvks.length > 0 ? { 'x-kubernetes-group-version-kind': gvks } : {}),
      ...(struct.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    }
  }

  #field(definition: string, struct: Struct, field: Field): OpenApiSchema {
    const { schema } = field
    const type = withEnum(this.#schema(schema, definition, field.name), publishedEnums.get(`${struct.origin}.${struct.name}.${field.name}`))
    const extensions: OpenApiSchema = {}
    if (schema.type === 'list') {
      if (schema.listType === 'map') extensions['x-kubernetes-list-map-keys'] = [...schema.keys]
      if (schema.listType !== 'atomic' || schema.stated) extensions['x-kubernetes-list-type'] = schema.listType
    }
    if (schema.type === 'map' && (schema.atomic || schema.stated)) extensions['x-kubernetes-map-type'] = schema.atomic ? 'atomic' : 'granular'
    if (schema.type === 'struct' && schema.base) extensions['x-kubernetes-map-type'] = schema.atomic ? 'atomic' : 'granular'
    const strategies = [...(field.mergeKey === undefined ? [] : ['merge']), ...(field.retainKeys ? ['retainKeys'] : [])]
    if (typeof field.mergeKey === 'string') extensions['x-kubernetes-patch-merge-key'] = field.mergeKey
    if (strategies.length > 0) extensions['x-kubernetes-patch-strategy'] = strategies.join(',')
    // The published texts lack those of fields that refer to another type: that type's own text stands in.
    const description = this.#descriptions.ofField(definition, field.name) ?? (type.$ref ? this.schemas[type.$ref.slice(refHead.length)]?.description : undefined)
    const rest = { ...defaultOf(struct.name, field), ...described(description), ...extensions }
    // Nothing may stand beside a reference.
    return type.$ref ? { allOf: [type], ...rest } : { ...type, ...rest }
  }

  #schema(schema: Schema, definition: string, field: string): OpenApiSchema {
    switch (schema.type) {
      case 'struct':
        return schema.name === '' ? this.#empty(definition, field) : this.struct(schema)
      case 'list':
        return { items: this.#schema(schema.items, definition, field), type: 'array' }
      case 'map':
        return { additionalProperties: this.#schema(schema.values, definition, field), type: 'object' }
      case 'untyped':
        return this.#untyped(schema)
      case 'quantity':
        return this.#special(quantity)
      case 'intOrString':
        return this.#special(intOrString)
      case 'time':
        return this.#special(`${metaPrefix}.Time`)
      case 'microTime':
        return this.#special(`${metaPrefix}.MicroTime`)
      default:
        return { ...primitives[schema.type] }
    }
  }

  /** An object without fields has no name in the tables: it is called by the type and the field that hold it. */
  #empty(definition: string, field: string): OpenApiSchema {
    const name = `${definition.replace(/s$/, '')}${field.charAt(0).toUpperCase()}${field.slice(1)}`
    this.schemas[name] ??= { ...described(this.#descriptions.of(name)), type: 'object' }
    return refTo(name)
  }

  #untyped(schema: Schema & { type: 'untyped' }): OpenApiSchema {
    if (schema.name) return this.#special(schema.name === 'FieldsV1' ? `${metaPrefix}.FieldsV1` : rawExtension)
    if (!schema.either) return this.#special(json)
    const [struct, other] = schema.either
    if (struct?.type !== 'struct') throw new Error('an alternative starts with an interface')
    const suffix = other?.type === 'boolean' ? 'Bool' : other?.type === 'list' && other.items.type === 'string' ? 'StringArray' : 'Array'
    const name = definitionName(struct.origin ?? 'core/v1', `${struct.name}Or${suffix}`)
    this.schemas[name] ??= { description: `${struct.name}, or ${suffix === 'Bool' ? 'true or false' : suffix === 'Array' ? 'a list of them' : 'a list of texts'}.` }
    return refTo(name)
  }
}

const described = (description: string | undefined): { description?: string } => (description ? { description } : {})

/** Lists and maps take the values in their items. */
function withEnum(type: OpenApiSchema, values: readonly string[] | undefined): OpenApiSchema {
  if (!values) return type
  if (type.items) return { ...type, items: { ...type.items, enum: values } }
  if (type.additionalProperties) return { ...type, additionalProperties: { ...type.additionalProperties, enum: values } }
  return { ...type, enum: values }
}

/** What Go's zero value makes of a field that is always there; constants that code applies are not shown. */
function defaultOf(struct: string, { name, schema, zero, empty }: Field): { default?: unknown } {
  const published = publishedDefaults[`${struct}.${name}`]
  if (published !== undefined) return { default: published }
  if (name === 'metadata' && schema.type === 'struct' && schema.origin === 'meta/v1') return { default: {} }
  if (zero !== 'always' || empty === null || empty === undefined) return {}
  if (schema.type === 'struct') return { default: {} }
  return schema.type === 'string' || schema.type === 'boolean' || schema.type === 'int32' || schema.type === 'int64' ? { default: empty } : {}
}
