import { FieldErrors } from '#apimachinery/field-errors'
import { additionalOf, itemsOf, type JsonSchema } from '#apimachinery/schema/json-schema'
import { goPattern } from '#apimachinery/schema/validation/go-pattern'
import { semanticallyEqual } from '../../semantic-equality'

type Level = 'root' | 'item' | 'field'

/**
 * Whether a schema is structural: every value's type is said where it stands, and alternatives (`allOf` and its like) only narrow down.
 * What a schema may not say at all is told elsewhere; such a schema is not looked at, and counts as not structural.
 */
export function checkStructure(schema: JsonSchema, errors: FieldErrors): boolean {
  if (unsupportedWord(schema) !== undefined) return false
  const found = new FieldErrors()
  let here = found
  for (const segment of pathOf(errors)) here = segment.startsWith('[') ? here.key(segment.slice(1, -1)) : here.at(segment)
  checkNode(schema, 'root', here)
  const text = ({ field, message }: { field: string; message: string }): string => `${field}: ${message}`
  errors.all.push(...found.all.sort((a, b) => (text(a) < text(b) ? -1 : 1)))
  return found.all.length === 0
}

const pathOf = (errors: FieldErrors): string[] => errors.path.match(/\[[^\]]*\]|[^.[]+/g) ?? []

const hasEntries = (map: object | undefined): boolean => map !== undefined && Object.keys(map).length > 0

/** The first word, here or below, that no structural schema has. */
export function unsupportedWord(schema: JsonSchema): string | undefined {
  const { id, $schema, $ref, additionalItems, patternProperties, dependencies, definitions, items } = schema
  if (id) return 'id'
  if ($schema) return 'schema'
  if ($ref) return '$ref'
  if (hasEntries(patternProperties)) return 'patternProperties'
  if (hasEntries(dependencies)) return 'dependencies'
  if (additionalItems !== undefined) return 'additionalItems'
  if (hasEntries(definitions)) return 'definitions'
  if (Array.isArray(items)) return 'items'
  for (const one of below(schema)) {
    const found = unsupportedWord(one)
    if (found !== undefined) return found
  }
  return undefined
}

function below(schema: JsonSchema): JsonSchema[] {
  const { properties = {}, allOf = [], anyOf = [], oneOf = [], not } = schema
  return [itemsOf(schema), additionalOf(schema), not, ...Object.values(properties), ...allOf, ...anyOf, ...oneOf].filter((one) => one !== undefined)
}

const typeMissing: Readonly<Record<Level, string>> = { root: 'must not be empty at the root', item: 'must not be empty for specified array items', field: 'must not be empty for specified object fields' }

function checkNode(schema: JsonSchema, level: Level, errors: FieldErrors): void {
  const { type = '', properties = {} } = schema
  const items = itemsOf(schema)
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const either = schema['x-kubernetes-int-or-string'] === true
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (type === 'array' && !items) errors.at('items').required('must be specified')
  if (items) checkNode(items, 'item', errors.at('items'))
  for (const [name, property] of Object.entries(properties)) if (level !== 'root' || name !== 'metadata') checkNode(property, 'field', errors.at('properties').key(name))
  if (schema.additionalProperties !== undefined) {
    if (level === 'root') errors.at('additionalProperties').forbidden('must not be used at the root')
    const additional = additionalOf(schema)
    if (additional) checkNode(additional, 'field', errors.at('additionalProperties'))
    if (embedded) errors.at('additionalProperties').forbidden('must not be used if x-kubernetes-embedded-resource is set')
  }
  if (either && preserves) errors.at('x-kubernetes-preserve-unknown-fields').invalid(true, 'must be false if x-kubernetes-int-or-string is true')
  if (either && embedded) errors.at('x-kubernetes-embedded-resource').invalid(true, 'must be false if x-kubernetes-int-or-string is true')
  checkValues(schema, either, errors)
  checkComplete(schema, schema, errors, errors)
  if (embedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    if (type === '') errors.at('type').required(why)
    else errors.at('type').invalid(type, why)
  } else if (type === '' && !either && !preserves) errors.at('type').required(typeMissing[level])
  if (level === 'root' && type !== '' && type !== 'object') errors.at('type').invalid(type, 'must be object at the root')
  if (level === 'root' || embedded) checkMeta(properties, level, errors)
  if (embedded && !preserves && Object.keys(properties).length === 0) {
    errors.at('properties').required('must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields')
  }
}

function checkMeta(properties: Readonly<Record<string, JsonSchema>>, level: Level, errors: FieldErrors): void {
  for (const name of ['kind', 'apiVersion']) {
    const property = properties[name]
    if (property && property.type !== 'string') errors.at('properties').key(name).at('type').invalid(property.type ?? '', 'must be string')
  }
  const { metadata } = properties
  if (!metadata) return
  const here = errors.at('properties').key('metadata')
  if (metadata.type !== 'object') here.at('type').invalid(metadata.type ?? '', 'must be object')
  if (level !== 'root') return
  const { type: _, default: _default, properties: named = {}, ...rest } = metadata
  const names = Object.keys(named)
  if (Object.keys(rest).length > 0 || names.some((name) => name !== 'name' && name !== 'generateName')) {
    here.forbidden('must not specify anything other than name and generateName, but metadata is implicitly specified')
  }
}

const intOrString = [{ type: 'integer' }, { type: 'string' }]

/** What alternatives may say: nothing about types, and nothing that is no judgement. */
function checkValues(schema: JsonSchema, either: boolean, errors: FieldErrors): void {
  const skipsAny = either && semanticallyEqual(schema.anyOf, intOrString)
  if (!skipsAny) for (const [i, one] of (schema.anyOf ?? []).entries()) checkNested(one, errors.at('anyOf', i))
  for (const [i, one] of (schema.allOf ?? []).entries()) {
    checkNested(either && i === 0 && semanticallyEqual(one.anyOf, intOrString) ? { ...one, anyOf: [] } : one, errors.at('allOf', i))
  }
  for (const [i, one] of (schema.oneOf ?? []).entries()) checkNested(one, errors.at('oneOf', i))
  if (schema.not) checkNested(schema.not, errors.at('not'))
  if (!schema.pattern) return
  try {
    goPattern(schema.pattern)
  } catch (error) {
    errors.at('pattern').invalid(schema.pattern, `must be a valid regular expression, but isn't: ${(error as Error).message}`)
  }
}

const undefinedOnly = 'must be undefined to be structural'

const mustBeUndefined: readonly (readonly [keyof JsonSchema, string])[] = [
  ['type', 'must be empty to be structural'], ['additionalProperties', undefinedOnly], ['default', undefinedOnly],
  ['title', 'must be empty to be structural'], ['description', 'must be empty to be structural'], ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'], ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'], ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', undefinedOnly], ['x-kubernetes-map-type', undefinedOnly],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

function checkNested(schema: JsonSchema, errors: FieldErrors): void {
  checkValues(schema, false, errors)
  const items = itemsOf(schema)
  if (items) checkNested(items, errors.at('items'))
  for (const [name, property] of Object.entries(schema.properties ?? {})) checkNested(property, errors.at('properties').key(name))
  for (const [field, why] of mustBeUndefined) {
    const value = schema[field]
    const said = why === undefinedOnly ? value !== undefined : Array.isArray(value) ? value.length > 0 : Boolean(value)
    if (said) errors.at(field).forbidden(why)
  }
  if (schema.properties?.['metadata']) errors.at('properties').key('metadata').forbidden('must not be specified in a nested context')
}

/** What alternatives speak about must be there outside of them. */
function checkComplete(values: JsonSchema, schema: JsonSchema, place: FieldErrors, valuePlace: FieldErrors): void {
  if (values.not) checkNarrowed(values.not, schema, place, valuePlace.at('not'))
  for (const field of ['allOf', 'anyOf', 'oneOf'] as const) for (const [i, one] of (values[field] ?? []).entries()) checkNarrowed(one, schema, place, valuePlace.at(field, i))
}

function checkNarrowed(values: JsonSchema, schema: JsonSchema | undefined, place: FieldErrors, valuePlace: FieldErrors): void {
  if (!schema) return place.required(`because it is defined in ${valuePlace.path}`)
  checkComplete(values, schema, place, valuePlace)
  const items = itemsOf(values)
  if (items) checkNarrowed(items, itemsOf(schema), place.at('items'), valuePlace.at('items'))
  for (const [name, property] of Object.entries(values.properties ?? {})) {
    checkNarrowed(property, schema.properties?.[name], place.at('properties').key(name), valuePlace.at('properties').key(name))
  }
}
