import type { OpenApiSchema } from '#apimachinery/openapi/definitions'
import type { JsonSchema } from '#apimachinery/schema/json-schema'
import type { Published } from './openapi-part'

const texts = {
  apiVersion: 'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  kind: 'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  metadata: "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
}
const objectMeta: OpenApiSchema = { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }], description: texts.metadata }
const inEveryObject = { apiVersion: { type: 'string', description: texts.apiVersion }, kind: { type: 'string', description: texts.kind }, metadata: objectMeta }

const kindsOf = ({ resource: { group, version, kind } }: Published): OpenApiSchema => ({ 'x-kubernetes-group-version-kind': [{ group, version, kind }] })

function selectable({ resource }: Published): OpenApiSchema {
  const fields = Object.keys(resource.selectableFields ?? {})
  return fields.length > 0 ? { 'x-kubernetes-selectable-fields': fields.map((fieldPath) => ({ fieldPath })) } : {}
}

/** The schema as OpenAPI v3 shows it: with what every object has. */
export function publishedSchema(published: Published): OpenApiSchema {
  const { schema } = published
  if (!schema) return { type: 'object', ...kindsOf(published) }
  return { ...withResources({ ...schema, properties: { ...schema.properties, ...inEveryObject } as Record<string, JsonSchema> }), ...kindsOf(published), ...selectable(published) }
}

/** Embedded resources have what every object has, too. */
function withResources(schema: JsonSchema): OpenApiSchema {
  const { items, properties, additionalProperties, ...rest } = schema
  const found: Record<string, unknown> = { ...rest }
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  if (items && !Array.isArray(items)) found['items'] = withResources(items)
  if (typeof additionalProperties === 'object') found['additionalProperties'] = withResources(additionalProperties)
  else if (additionalProperties !== undefined) found['additionalProperties'] = additionalProperties
  if (properties || embedded) {
    found['properties'] = {
      ...Object.fromEntries(Object.entries(properties ?? {}).map(([name, property]) => [name, withResources(property)])), ...(embedded ? inEveryObject : {}),
    }
  }
  if (embedded) found['required'] = [...new Set([...(schema.required ?? []), 'kind', 'apiVersion'])]
  return found
}

/** OpenAPI v2 as kubectl reads it: no alternatives, no nulls, and nothing said of what may hold unknown fields. */
export function schemaForV2(published: Published): OpenApiSchema {
  const { schema } = published
  if (!schema || schema['x-kubernetes-preserve-unknown-fields']) return { type: 'object', ...kindsOf(published) }
  const plain = reduced(schema)
  return { ...plain, properties: { ...plain.properties, ...inEveryObject }, ...kindsOf(published), ...selectable(published) }
}

function reduced(schema: JsonSchema): OpenApiSchema {
  const { items, properties, additionalProperties, allOf, anyOf, oneOf, not, nullable, default: _, type, required, ...rest } = schema
  const found: Record<string, unknown> = { ...rest }
  if (schema['x-kubernetes-preserve-unknown-fields'] || nullable || schema['x-kubernetes-int-or-string']) return found
  if (type !== undefined) found['type'] = type
  if (items && !Array.isArray(items)) found['items'] = reduced(items)
  if (typeof additionalProperties === 'object') found['additionalProperties'] = reduced(additionalProperties)
  if (properties) found['properties'] = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, reduced(property)]))
  const needed = (required ?? []).filter((name) => !properties?.[name]?.nullable)
  if (needed.length > 0) found['required'] = needed
  return found
}
