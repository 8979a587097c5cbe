// The apiextensions/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Bytes, Float64, Int32, Int64, Json, ListMap, Time } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface CustomResourceColumnDefinition {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ type: string
  /** @proto 3 */ format?: string
  /** @proto 4 */ description?: string
  /** @proto 5 */ priority?: Int32
  /** @proto 6 @required @always */ jsonPath: string
}

export interface CustomResourceConversion {
  /** @proto 1 @required @always */ strategy: string
  /** @proto 2 */ webhook?: WebhookConversion
}

export interface CustomResourceDefinition {
  apiVersion: 'apiextensions.k8s.io/v1'
  kind: 'CustomResourceDefinition'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: CustomResourceDefinitionSpec
  /** @proto 3 @always */ status: CustomResourceDefinitionStatus
}

export interface CustomResourceDefinitionCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
  /** @proto 6 */ observedGeneration?: Int64
}

export interface CustomResourceDefinitionNames {
  /** @proto 1 @required @always */ plural: string
  /** @proto 2 */ singular?: string
  /** @proto 3 @atomic */ shortNames?: string[]
  /** @proto 4 @required @always */ kind: string
  /** @proto 5 */ listKind?: string
  /** @proto 6 @atomic */ categories?: string[]
}

export interface CustomResourceDefinitionSpec {
  /** @proto 1 @required @always */ group: string
  /** @proto 3 @required @always */ names: CustomResourceDefinitionNames
  /** @proto 4 @required @always */ scope: string
  /** @proto 7 @required @always null @atomic */ versions: CustomResourceDefinitionVersion[]
  /** @proto 9 */ conversion?: CustomResourceConversion
  /** @proto 10 */ preserveUnknownFields?: boolean
}

export interface CustomResourceDefinitionStatus {
  /** @proto 1 @always null */ conditions?: ListMap<CustomResourceDefinitionCondition, 'type'>
  /** @proto 2 @always */ acceptedNames: CustomResourceDefinitionNames
  /** @proto 3 @always null @atomic */ storedVersions?: string[]
  /** @proto 4 */ observedGeneration?: Int64
}

export interface CustomResourceDefinitionVersion {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ served: boolean
  /** @proto 3 @required @always */ storage: boolean
  /** @proto 7 */ deprecated?: boolean
  /** @proto 8 @pointer */ deprecationWarning?: string
  /** @proto 4 */ schema?: CustomResourceValidation
  /** @proto 5 */ subresources?: CustomResourceSubresources
  /** @proto 6 @atomic */ additionalPrinterColumns?: CustomResourceColumnDefinition[]
  /** @proto 9 @atomic */ selectableFields?: SelectableField[]
}

export interface CustomResourceSubresourceScale {
  /** @proto 1 @required @always */ specReplicasPath: string
  /** @proto 2 @required @always */ statusReplicasPath: string
  /** @proto 3 @pointer */ labelSelectorPath?: string
}

export interface CustomResourceSubresources {
  /** @proto 1 @pointer */ status?: Record<string, never>
  /** @proto 2 */ scale?: CustomResourceSubresourceScale
}

export interface CustomResourceValidation {
  /** @proto 1 */ openAPIV3Schema?: JSONSchemaProps
}

export interface ExternalDocumentation {
  /** @proto 1 */ description?: string
  /** @proto 2 */ url?: string
}

export interface JSONSchemaProps {
  /** @proto 1 */ id?: string
  /** @proto 2 */ $schema?: string
  /** @proto 3 @pointer */ $ref?: string
  /** @proto 4 */ description?: string
  /** @proto 5 */ type?: string
  /** @proto 6 */ format?: string
  /** @proto 7 */ title?: string
  /** @proto 8 @pointer */ default?: Json
  /** @proto 9 @pointer */ maximum?: Float64
  /** @proto 10 */ exclusiveMaximum?: boolean
  /** @proto 11 @pointer */ minimum?: Float64
  /** @proto 12 */ exclusiveMinimum?: boolean
  /** @proto 13 @pointer */ maxLength?: Int64
  /** @proto 14 @pointer */ minLength?: Int64
  /** @proto 15 */ pattern?: string
  /** @proto 16 @pointer */ maxItems?: Int64
  /** @proto 17 @pointer */ minItems?: Int64
  /** @proto 18 */ uniqueItems?: boolean
  /** @proto 19 @pointer */ multipleOf?: Float64
  /** @proto 20 @atomic */ enum?: Json[]
  /** @proto 21 @pointer */ maxProperties?: Int64
  /** @proto 22 @pointer */ minProperties?: Int64
  /** @proto 23 @atomic */ required?: string[]
  /** @proto 24 @pointer */ items?: JSONSchemaProps | JSONSchemaProps[]
  /** @proto 25 @atomic */ allOf?: JSONSchemaProps[]
  /** @proto 26 @atomic */ oneOf?: JSONSchemaProps[]
  /** @proto 27 @atomic */ anyOf?: JSONSchemaProps[]
  /** @proto 28 */ not?: JSONSchemaProps
  /** @proto 29 */ properties?: Record<string, JSONSchemaProps>
  /** @proto 30 @pointer */ additionalProperties?: JSONSchemaProps | boolean
  /** @proto 31 */ patternProperties?: Record<string, JSONSchemaProps>
  /** @proto 32 */ dependencies?: Record<string, JSONSchemaProps | string[]>
  /** @proto 33 @pointer */ additionalItems?: JSONSchemaProps | boolean
  /** @proto 34 */ definitions?: Record<string, JSONSchemaProps>
  /** @proto 35 */ externalDocs?: ExternalDocumentation
  /** @proto 36 @pointer */ example?: Json
  /** @proto 37 */ nullable?: boolean
  /** @proto 38 @pointer */ 'x-kubernetes-preserve-unknown-fields'?: boolean
  /** @proto 39 */ 'x-kubernetes-embedded-resource'?: boolean
  /** @proto 40 */ 'x-kubernetes-int-or-string'?: boolean
  /** @proto 41 @atomic */ 'x-kubernetes-list-map-keys'?: string[]
  /** @proto 42 @pointer */ 'x-kubernetes-list-type'?: string
  /** @proto 43 @pointer */ 'x-kubernetes-map-type'?: string
  /** @proto 44 @merge rule */ 'x-kubernetes-validations'?: ListMap<ValidationRule, 'rule'>
}

export interface SelectableField {
  /** @proto 1 @required @always */ jsonPath: string
}

export interface ServiceReference {
  /** @proto 1 @required @always */ namespace: string
  /** @proto 2 @required @always */ name: string
  /** @proto 3 @pointer */ path?: string
  /** @proto 4 @pointer */ port?: Int32
}

export interface ValidationRule {
  /** @proto 1 @required @always */ rule: string
  /** @proto 2 */ message?: string
  /** @proto 3 */ messageExpression?: string
  /** @proto 4 @pointer */ reason?: string
  /** @proto 5 */ fieldPath?: string
  /** @proto 6 @pointer */ optionalOldSelf?: boolean
}

export interface WebhookClientConfig {
  /** @proto 3 @pointer */ url?: string
  /** @proto 1 */ service?: ServiceReference
  /** @proto 2 */ caBundle?: Bytes
}

export interface WebhookConversion {
  /** @proto 2 */ clientConfig?: WebhookClientConfig
  /** @proto 3 @required @always null @atomic */ conversionReviewVersions: string[]
}
