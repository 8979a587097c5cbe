import { FieldErrors } from '#apimachinery/field-errors'
import { additionalOf, itemsOf, type CelRule, type JsonSchema } from '#apimachinery/schema/json-schema'
import { checkDefaults } from './default-validation'
import { schemaAt } from './schema-at'
import { internalSchema } from './internal-form'
import { checkStructure, unsupportedWord } from './structural-validation'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const inEveryObject = ['metadata', 'kind', 'apiVersion']
/** Where the status has an endpoint of its own, its schema is judged alone: what the root says beside it would be lost. */
const allowedAtRoot = [
  'description', 'type', 'format', 'title', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems',
  'uniqueItems', 'multipleOf', 'required', 'items', 'properties', 'externalDocs', 'example', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations',
]
const allowedAtRootText = '[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]'

/** The schema of a version: what may be said at all, and that it is structural. */
export function checkSchema(schema: JsonSchema | undefined, statusEnabled: boolean, errors: FieldErrors): void {
  if (!schema) return
  if (statusEnabled) {
    if (schema.type && schema.type !== 'object') errors.at('type').invalid(schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled')
    const other = Object.keys(schema).find((field) => !allowedAtRoot.includes(field))
    if (other) errors.invalid(internalSchema(schema), `only ${allowedAtRootText} fields are allowed at the root of the schema if the status subresource is enabled`)
  }
  if (schema.nullable) errors.at('nullable').forbidden('nullable cannot be true at the root')
  const before = errors.all.length
  if (checkStructure(schema, errors)) checkDefaults(schema, errors)
  checkNode(schema, errors, topmost)
  // What else is wrong with it says more.
  const word = errors.all.length === before ? unsupportedWord(schema) : undefined
  if (word !== undefined) errors.invalid('', `OpenAPIV3Schema '${word}' is not supported`)
}

/**
 * Where expressions over a schema mean nothing, as paths: what is wrong with a schema is to be mended first there and above.
 * Undefined where they mean nothing anywhere, since the schema is not structural.
 */
export function faultsOf(schema: JsonSchema): readonly string[] | undefined {
  const errors = new FieldErrors()
  if (!checkStructure(schema, errors)) return undefined
  checkDefaults(schema, errors)
  if (errors.any) return undefined
  checkNode(schema, errors, topmost)
  return errors.all.map(({ field }) => field)
}

interface Where {
  readonly root: boolean
  /** Inside metadata, kind or apiVersion of an object. */
  readonly inMeta: boolean
  /** Why there may be no defaults here. */
  readonly noDefaults: string | undefined
}

const topmost: Where = { root: true, inMeta: false, noDefaults: undefined }

function checkNode(schema: JsonSchema, errors: FieldErrors, where: Where): void {
  checkWords(schema, errors, where)
  if (schema.uniqueItems) errors.at('uniqueItems').forbidden('uniqueItems cannot be set to true since the runtime complexity becomes quadratic')
  const below: Where = { ...where, root: false }
  if (schema.additionalProperties !== undefined) {
    if (Object.keys(schema.properties ?? {}).length > 0 && schema.additionalProperties !== true) {
      errors.at('additionalProperties').forbidden('additionalProperties and properties are mutual exclusive')
    }
    const additional = additionalOf(schema)
    if (additional) checkNode(additional, errors.at('additionalProperties'), where.inMeta ? { ...below, noDefaults: 'inside additionalProperties applying to object metadata' } : below)
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMeta = (where.root || schema['x-kubernetes-embedded-resource'] === true) && inEveryObject.includes(name)
    checkNode(property, errors.at('properties').key(name), {
      root: false, inMeta: where.inMeta || isMeta, noDefaults: isMeta && where.root ? `in top-level ${name}` : where.noDefaults,
    })
  }
  if (schema.not) checkNode(schema.not, errors.at('not'), below)
  for (const field of ['allOf', 'oneOf', 'anyOf'] as const) for (const [i, one] of (schema[field] ?? []).entries()) checkNode(one, errors.at(field, i), below)
  for (const [name, definition] of Object.entries(schema.definitions ?? {})) checkNode(definition, errors.at('definitions').key(name), below)
  if (Array.isArray(schema.items)) for (const [i, item] of schema.items.entries()) checkNode(item, errors.at('items', i), below)
  else if (schema.items) checkNode(schema.items, errors.at('items'), below)
  checkExtensions(schema, errors)
  for (const [i, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) checkRule(rule, schema, errors.at('x-kubernetes-validations', i))
}

function checkWords(schema: JsonSchema, errors: FieldErrors, { inMeta, noDefaults }: Where): void {
  if (schema.type && !types.includes(schema.type)) errors.at('type').notSupported(schema.type, types)
  if (schema.default !== undefined && noDefaults !== undefined) errors.at('default').forbidden(`must not be set ${noDefaults}`)
  if (schema.id) errors.at('id').forbidden('id is not supported')
  if (schema.additionalItems !== undefined) errors.at('additionalItems').forbidden('additionalItems is not supported')
  if (Object.keys(schema.patternProperties ?? {}).length > 0) errors.at('patternProperties').forbidden('patternProperties is not supported')
  if (Object.keys(schema.definitions ?? {}).length > 0) errors.at('definitions').forbidden('definitions is not supported')
  if (schema.dependencies !== undefined) errors.at('dependencies').forbidden('dependencies is not supported')
  if (schema.$ref !== undefined) errors.at('$ref').forbidden('$ref is not supported')
  if (schema.type === 'null') errors.at('type').forbidden('type cannot be set to null, use nullable as an alternative')
  if (Array.isArray(schema.items)) errors.at('items').forbidden('items must be a schema object and not an array')
  if (inMeta && schema['x-kubernetes-embedded-resource']) errors.at('x-kubernetes-embedded-resource').forbidden('must not be used inside of resource meta')
}

function checkExtensions(schema: JsonSchema, errors: FieldErrors): void {
  const { type = '' } = schema
  const mustBe = (wanted: string, why: string): void => {
    if (type === '') errors.at('type').required(`must be ${wanted} if ${why} is specified`)
    else errors.at('type').invalid(type, `must be ${wanted} if ${why} is specified`)
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.at('x-kubernetes-preserve-unknown-fields').invalid(false, 'must be true or undefined')
  const mapType = schema['x-kubernetes-map-type']
  if (mapType !== undefined && type !== 'object') mustBe('object', 'x-kubernetes-map-type')
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') errors.at('x-kubernetes-map-type').notSupported(mapType, ['atomic', 'granular'])
  const listType = schema['x-kubernetes-list-type']
  const items = itemsOf(schema)
  if (listType !== undefined && type !== 'array') mustBe('array', 'x-kubernetes-list-type')
  else if (listType === 'set' && items) {
    const why = 'must be atomic as item of a list with x-kubernetes-list-type=set'
    const inner = items['x-kubernetes-list-type']
    if (items.type === 'array' && inner !== undefined && inner !== 'atomic') errors.at('items', 'x-kubernetes-list-type').invalid(inner, why)
    if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') errors.at('items', 'x-kubernetes-map-type').invalid(inner ?? null, why)
  }
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) errors.at('x-kubernetes-list-type').notSupported(listType, ['atomic', 'set', 'map'])
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (keys.length > 0 && listType !== 'map') {
    if (listType === undefined) errors.at('x-kubernetes-list-type').required('must be map if x-kubernetes-list-map-keys is non-empty')
    else errors.at('x-kubernetes-list-type').invalid(listType, 'must be map if x-kubernetes-list-map-keys is non-empty')
  }
  if (listType === 'map') checkListMap(schema, items, keys, errors)
  if (items && (listType === 'set' || listType === 'map') && items.nullable) errors.at('items', 'nullable').forbidden(`cannot be nullable when x-kubernetes-list-type is ${listType}`)
  if (items && listType === 'map') checkKeys(items, keys, errors.at('items', 'properties'))
}

function checkListMap(schema: JsonSchema, items: JsonSchema | undefined, keys: readonly string[], errors: FieldErrors): void {
  if (keys.length === 0) errors.at('x-kubernetes-list-map-keys').required('must not be empty if x-kubernetes-list-type is map')
  if (!schema.items) errors.at('items').required('must have a schema if x-kubernetes-list-type is map')
  if (!items) return
  if (items.type !== 'object') {
    errors.at('items', 'type').invalid(items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map")
    return
  }
  const seen = new Set<string>()
  for (const key of keys) {
    const property = items.properties?.[key]
    if (!property) errors.at('x-kubernetes-list-map-keys').invalid(keys, 'entries must all be names of item properties')
    else if (property.type === 'array' || property.type === 'object') {
      errors.at('items', 'properties').key(key).at('type').invalid(items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map")
    }
    if (seen.has(key)) errors.at('x-kubernetes-list-map-keys').invalid(keys, 'must not contain duplicate entries')
    seen.add(key)
  }
}

function checkKeys({ properties = {}, required = [] }: JsonSchema, keys: readonly string[], errors: FieldErrors): void {
  for (const key of keys) {
    const property = properties[key]
    if (!property) continue
    const here = errors.key(key)
    if (!required.includes(key) && property.default === undefined) {
      here.at('default').required('this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property')
    }
    if (property.nullable) here.at('nullable').forbidden('this property is in x-kubernetes-list-map-keys, so it cannot be nullable')
  }
}

const breaksLines = (text: string): boolean => /[\r\n]/.test(text)

function checkRule({ rule, message = '', messageExpression = '', reason, fieldPath = '' }: CelRule, schema: JsonSchema, errors: FieldErrors): void {
  const trimmed = (rule ?? '').trim()
  if (trimmed === '') errors.at('rule').required('rule is not specified')
  else if (message !== '' && message.trim() === '') errors.at('message').invalid(message, 'must be non-empty if specified')
  else if (breaksLines(message.trim())) errors.at('message').invalid(message, 'must not contain line breaks')
  else if (breaksLines(trimmed) && message.trim() === '') errors.at('message').required('message must be specified if rule contains line breaks')
  if (messageExpression !== '' && messageExpression.trim() === '') errors.at('messageExpression').required('messageExpression must be non-empty if specified')
  if (reason !== undefined && !reasons.includes(reason)) errors.at('reason').notSupported(reason, reasons)
  if (fieldPath === '') return
  if (fieldPath.trim() === '') errors.at('fieldPath').invalid(fieldPath, 'must be non-empty if specified')
  if (breaksLines(fieldPath)) errors.at('fieldPath').invalid(fieldPath, 'must not contain line breaks')
  if (typeof schemaAt(schema, fieldPath) === 'string') errors.at('fieldPath').invalid(fieldPath, 'must be a valid path')
}
