import { describe, expect, test } from 'vitest'
import { FieldErrors } from '#apimachinery/field-errors'
import type { JsonSchema } from '#apimachinery/schema/json-schema'
import { customresourcedefinitions } from './custom-resource-definition'
import type { Strategy } from '#apimachinery/resource'
import { context } from '../../testing/written'
import { faultsOf } from './schema-validation'
import type { CustomResourceDefinition, CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from './types'

function definition(schema: JsonSchema, spec: Partial<CustomResourceDefinitionSpec> = {}, version: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinition {
  const made = {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }], ...spec },
  } as unknown as CustomResourceDefinition
  customresourcedefinitions.defaults!(made)
  customresourcedefinitions.prepareForCreate!(made, context)
  return made
}

function problems(made: CustomResourceDefinition): string[] {
  const errors = new FieldErrors()
  customresourcedefinitions.validate!(made, errors, context)
  customresourcedefinitions.validateCreate!(made, errors, context)
  return errors.all.map(({ field, message }) => `${field}: ${message}`)
}

const object = (properties: Record<string, JsonSchema>): JsonSchema => ({ type: 'object', properties })
const root = 'spec.validation.openAPIV3Schema'

describe('CustomResourceDefinition', () => {
  test('names follow the kind', () => {
    expect(definition(object({})).spec.names).toMatchObject({ singular: 'widget', listKind: 'WidgetList' })
    expect(problems(definition(object({})))).toEqual([])
  })

  test.each<[JsonSchema, string[]]>([
    [object({ a: {} }), [`${root}.properties[a].type: Required value: must not be empty for specified object fields`]],
    [object({ a: { type: 'array' } }), [`${root}.properties[a].items: Required value: must be specified`]],
    [object({ a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } } }), [`${root}.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`]],
    [object({ a: { type: 'string', pattern: '(' } }), [expect.stringContaining(`${root}.properties[a].pattern: Invalid value: "(": must be a valid regular expression`)]],
    [object({ a: { type: 'integer', default: 'x' } }), [`${root}.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`]],
    [object({ a: { type: 'object', properties: { b: { type: 'string' } }, default: { c: 1 } } }), [`${root}.properties[a].default: Invalid value: {"c":1}: must not have unknown fields`]],
    [object({ a: { type: 'object', properties: {}, oneOf: [{ properties: { b: { type: 'string' } } }] } }), [
      `${root}.properties[a].oneOf[0].properties[b].type: Forbidden: must be empty to be structural`,
      `${root}.properties[a].properties[b]: Required value: because it is defined in ${root}.properties[a].oneOf[0].properties[b]`,
    ]],
    [object({ a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } }), []],
    [object({ a: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', properties: { k: { type: 'string' } } } } }), [
      `${root}.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ]],
    [{ ...object({}), $schema: 'x' }, [`${root}: Invalid value: "": OpenAPIV3Schema 'schema' is not supported`]],
    [object({ a: { $ref: '' } }), [`${root}.properties[a].type: Required value: must not be empty for specified object fields`, `${root}.properties[a].$ref: Forbidden: $ref is not supported`]],
    [{ ...object({}), not: { 'x-kubernetes-list-type': '' } }, [
      `${root}.not.x-kubernetes-list-type: Forbidden: must be undefined to be structural`, `${root}.not.type: Required value: must be array if x-kubernetes-list-type is specified`,
      `${root}.not.x-kubernetes-list-type: Unsupported value: "": supported values: "atomic", "set", "map"`,
    ]],
    [object({ metadata: { type: 'object', properties: { labels: { type: 'object' } } } }), [`${root}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`]],
  ])('schema %j', (schema, expected) => {
    expect(problems(definition(schema))).toEqual(expected)
  })

  test.each<[Partial<CustomResourceDefinitionSpec>, string[]]>([
    [{ group: 'nodots' }, ['spec.group: Invalid value: "nodots": should be a domain with at least one dot', 'metadata.name: Invalid value: "widgets.example.com": must be spec.names.plural+"."+spec.group']],
    [{ preserveUnknownFields: true }, ['spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead']],
    [{ conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] } } }, []],
    [{ conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: 'http://a' }, conversionReviewVersions: ['v2', 'v2'] } } }, [
      `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`, 'spec.conversion.conversionReviewVersions[1]: Invalid value: "v2": duplicate version',
      'spec.conversion.conversionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
    ]],
  ])('spec %j', (spec, expected) => {
    expect(problems(definition(object({}), spec))).toEqual(expected)
  })

  test('a group of the community asks for an approval', () => {
    const made = definition(object({}), { group: 'x.k8s.io' })
    made.metadata.name = 'widgets.x.k8s.io'
    expect(problems(made)).toEqual([expect.stringContaining('metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation')])
  })

  test('what stored objects depend on does not change', () => {
    const old = definition(object({}))
    old.status = { ...old.status, conditions: [{ type: 'Established', status: 'True' }] }
    const changed = definition(object({}), { scope: 'Cluster', names: { plural: 'widgets', kind: 'Gadget' } })
    const errors = new FieldErrors()
    customresourcedefinitions.validateUpdate!(changed, old, errors, context)
    expect(errors.all.map(({ field }) => field)).toEqual(['spec.scope', 'spec.names.kind'])
  })

  test('the name of a bad first version is told twice, as the original reads it', () => {
    const name = 'V_1'
    expect(problems(definition(object({}), {}, { name })).map((problem) => problem.slice(0, problem.indexOf(': ')))).toEqual(['spec.versions[0].name', 'spec.version'])
  })

  test('a definition without versions', () => {
    const old = definition(object({}))
    const made = definition(object({}), { versions: null as never })
    customresourcedefinitions.prepareForUpdate!(made, old, context)
    expect(made.status.storedVersions).toEqual(['v1'])
    const errors = new FieldErrors()
    customresourcedefinitions.validate!(made, errors, context)
    expect(errors.all).toContainEqual({ type: 'FieldValueInvalid', field: 'spec.versions', message: 'Invalid value: null: must have exactly one version marked as storage version' })
  })

  test('selectable fields need a schema of their version', () => {
    const version = { name: 'v1', served: true, storage: true, selectableFields: [{ jsonPath: '.a' }] }
    const second = { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: object({}) } }
    expect(problems(definition(object({}), { versions: [version, second] as never }))).toContain(
      'spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included',
    )
  })

  test('an empty webhook is none, and stored versions are never forgotten', () => {
    const made = definition(object({}), { conversion: { strategy: 'None', webhook: {} as never } })
    expect(made.spec.conversion).toEqual({ strategy: 'None' })
    const status = customresourcedefinitions.subresources['status'] as unknown as Strategy<CustomResourceDefinition>
    made.status = {} as never
    status.defaults!(made)
    expect(made.status.storedVersions).toEqual(['v1'])
    made.status.acceptedNames = { plural: '0', kind: '' }
    const errors = new FieldErrors()
    status.validateUpdate!(made, made, errors, context)
    expect(errors.all.map(({ field }) => field)).toEqual(['status.acceptedNames.plural'])
  })

  test('formats that nothing is judged by are warned about once, and not again', () => {
    const made = definition(object({ a: { type: 'string', format: 'date-time' }, b: { type: 'integer', format: 'date' }, c: { type: 'string', format: 'x' }, d: { type: 'string', not: { format: 'x' } } }))
    expect(customresourcedefinitions.warnings!(made, undefined)).toEqual(['unrecognized format "date"', 'unrecognized format "x"'])
    expect(customresourcedefinitions.warnings!(made, definition(object({ c: { type: 'string', format: 'x' } })))).toEqual(['unrecognized format "date"'])
  })

  test('expressions mean nothing where a schema is wrong, and above', () => {
    expect(faultsOf(object({ a: { type: 'object' } }))).toEqual([])
    expect(faultsOf(object({ a: {} }))).toBeUndefined()
    expect(faultsOf(object({ a: { type: 'object', properties: { b: { type: 'array', uniqueItems: true, items: { type: 'string' } } } } }))).toEqual(['properties[a].properties[b].uniqueItems'])
  })
})
