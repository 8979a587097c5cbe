/** What a CustomResourceDefinition says of a value: OpenAPI v3 as far as the API knows it, with Kubernetes' own words beside it. */
export interface JsonSchema {
  id?: string
  $schema?: string
  $ref?: string
  description?: string
  title?: string
  type?: string
  format?: string
  default?: unknown
  example?: unknown
  externalDocs?: unknown
  maximum?: number
  exclusiveMaximum?: boolean
  minimum?: number
  exclusiveMinimum?: boolean
  multipleOf?: number
  maxLength?: number
  minLength?: number
  pattern?: string
  maxItems?: number
  minItems?: number
  uniqueItems?: boolean
  maxProperties?: number
  minProperties?: number
  enum?: unknown[]
  required?: string[]
  items?: JsonSchema | JsonSchema[]
  additionalItems?: JsonSchema | boolean
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  patternProperties?: Record<string, JsonSchema>
  dependencies?: Record<string, JsonSchema | string[]>
  definitions?: Record<string, JsonSchema>
  allOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  not?: JsonSchema
  nullable?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-list-type'?: string
  'x-kubernetes-map-type'?: string
  'x-kubernetes-validations'?: CelRule[]
}

export interface CelRule {
  rule: string
  message?: string
  messageExpression?: string
  reason?: string
  fieldPath?: string
  optionalOldSelf?: boolean
}

export const itemsOf = ({ items }: JsonSchema): JsonSchema | undefined => (Array.isArray(items) ? items[0] : items)

export const additionalOf = ({ additionalProperties }: JsonSchema): JsonSchema | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined

/** Whether rules are anywhere in it. */
export function hasRules(schema: JsonSchema): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true
  return [itemsOf(schema), additionalOf(schema), ...Object.values(schema.properties ?? {})].some((one) => one !== undefined && hasRules(one))
}
