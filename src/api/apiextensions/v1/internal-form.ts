// The original shows parts of a definition in its internal form: Go's names, and every field.
import { itemsOf, type CelRule, type JsonSchema } from '#apimachinery/schema/json-schema'
import type { CustomResourceDefinitionVersion, CustomResourceSubresources } from './types'

/** What all versions say alike, which the internal form says once, of the whole definition. */
interface SharedParts {
  readonly schema: boolean
  readonly subresources: boolean
  readonly additionalPrinterColumns: boolean
  readonly selectableFields: boolean
}

export function internalVersion(version: CustomResourceDefinitionVersion, shared: SharedParts): unknown {
  const { name, served, storage, deprecated = false, deprecationWarning = null, schema, subresources, additionalPrinterColumns, selectableFields } = version
  return {
    Name: name, Served: served, Storage: storage, Deprecated: deprecated, DeprecationWarning: deprecationWarning,
    Schema: shared.schema || !schema ? null : { OpenAPIV3Schema: schema.openAPIV3Schema ? internalSchema(schema.openAPIV3Schema as JsonSchema) : null },
    Subresources: shared.subresources || !subresources ? null : internalSubresources(subresources),
    AdditionalPrinterColumns: shared.additionalPrinterColumns ? null
      : (additionalPrinterColumns?.map((column) => ({
        Name: column.name, Type: column.type, Format: column.format ?? '', Description: column.description ?? '', Priority: column.priority ?? 0, JSONPath: column.jsonPath,
      })) ?? null),
    SelectableFields: shared.selectableFields ? null : (selectableFields?.map(({ jsonPath }) => ({ JSONPath: jsonPath })) ?? null),
  }
}

function internalSubresources({ status, scale }: CustomResourceSubresources): unknown {
  const paths = scale && { SpecReplicasPath: scale.specReplicasPath, StatusReplicasPath: scale.statusReplicasPath, LabelSelectorPath: scale.labelSelectorPath ?? null }
  return { Status: status ?? null, Scale: paths ?? null }
}

export function internalSchema(schema: JsonSchema): unknown {
  const list = (schemas: readonly JsonSchema[] | undefined): unknown => schemas?.map(internalSchema) ?? null
  const map = (schemas: Readonly<Record<string, JsonSchema>> | undefined): unknown =>
    schemas ? Object.fromEntries(Object.keys(schemas).sort().map((name) => [name, internalSchema(schemas[name]!)])) : null
  const either = (one: JsonSchema | boolean | undefined): unknown =>
    one === undefined ? null : { Allows: one !== false, Schema: typeof one === 'object' ? internalSchema(one) : null }
  const { items, externalDocs } = schema
  const one = itemsOf(schema)
  const docs = externalDocs as { description?: string; url?: string } | undefined
  return {
    ID: schema.id ?? '', Schema: schema.$schema ?? '', Ref: schema.$ref ?? null, Description: schema.description ?? '', Type: schema.type ?? '',
    Nullable: schema.nullable ?? false, Format: schema.format ?? '', Title: schema.title ?? '', Default: schema.default ?? null,
    Maximum: schema.maximum ?? null, ExclusiveMaximum: schema.exclusiveMaximum ?? false, Minimum: schema.minimum ?? null, ExclusiveMinimum: schema.exclusiveMinimum ?? false,
    MaxLength: schema.maxLength ?? null, MinLength: schema.minLength ?? null, Pattern: schema.pattern ?? '', MaxItems: schema.maxItems ?? null, MinItems: schema.minItems ?? null,
    UniqueItems: schema.uniqueItems ?? false, MultipleOf: schema.multipleOf ?? null, Enum: schema.enum ?? null,
    MaxProperties: schema.maxProperties ?? null, MinProperties: schema.minProperties ?? null, Required: schema.required ?? null,
    Items: items === undefined ? null : Array.isArray(items) ? { Schema: null, JSONSchemas: list(items) } : { Schema: internalSchema(one!), JSONSchemas: null },
    AllOf: list(schema.allOf), OneOf: list(schema.oneOf), AnyOf: list(schema.anyOf), Not: schema.not ? internalSchema(schema.not) : null,
    Properties: map(schema.properties), AdditionalProperties: either(schema.additionalProperties), PatternProperties: map(schema.patternProperties),
    Dependencies: schema.dependencies ?? null, AdditionalItems: either(schema.additionalItems), Definitions: map(schema.definitions),
    ExternalDocs: docs ? { Description: docs.description ?? '', URL: docs.url ?? '' } : null, Example: schema.example ?? null,
    XPreserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? null, XEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    XIntOrString: schema['x-kubernetes-int-or-string'] ?? false, XListMapKeys: schema['x-kubernetes-list-map-keys'] ?? null, XListType: schema['x-kubernetes-list-type'] ?? null,
    XMapType: schema['x-kubernetes-map-type'] ?? null, XValidations: schema['x-kubernetes-validations']?.map(internalRule) ?? null,
  }
}

export function internalRule({ rule, message = '', messageExpression = '', reason, fieldPath = '', optionalOldSelf }: CelRule): unknown {
  return { Rule: rule, Message: message, MessageExpression: messageExpression, Reason: reason ?? null, FieldPath: fieldPath, OptionalOldSelf: optionalOldSelf ?? null }
}
