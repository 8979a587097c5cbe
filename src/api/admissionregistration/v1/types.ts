// The admissionregistration/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Bytes, Int32, Int64, ListMap, ListSet } from '#apimachinery/meta/v1/scalars'
import type { Condition, LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface ApplyConfiguration {
  /** @proto 1 */ expression?: string
}

export interface AuditAnnotation {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 @required @always */ valueExpression: string
}

export interface ExpressionWarning {
  /** @proto 2 @required @always */ fieldRef: string
  /** @proto 3 @required @always */ warning: string
}

export interface JSONPatch {
  /** @proto 1 */ expression?: string
}

export interface MatchCondition {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ expression: string
}

/** @atomic */
export interface MatchResources {
  /** @proto 1 */ namespaceSelector?: LabelSelector
  /** @proto 2 */ objectSelector?: LabelSelector
  /** @proto 3 @atomic */ resourceRules?: NamedRuleWithOperations[]
  /** @proto 4 @atomic */ excludeResourceRules?: NamedRuleWithOperations[]
  /** @proto 7 @default "Equivalent" @pointer */ matchPolicy?: string
}

export interface MutatingAdmissionPolicy {
  apiVersion: 'admissionregistration.k8s.io/v1'
  kind: 'MutatingAdmissionPolicy'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: MutatingAdmissionPolicySpec
}

export interface MutatingAdmissionPolicyBinding {
  apiVersion: 'admissionregistration.k8s.io/v1'
  kind: 'MutatingAdmissionPolicyBinding'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: MutatingAdmissionPolicyBindingSpec
}

export interface MutatingAdmissionPolicyBindingSpec {
  /** @proto 1 */ policyName?: string
  /** @proto 2 */ paramRef?: ParamRef
  /** @proto 3 */ matchResources?: MatchResources
}

export interface MutatingAdmissionPolicySpec {
  /** @proto 1 */ paramKind?: ParamKind
  /** @proto 2 */ matchConstraints?: MatchResources
  /** @proto 3 @atomic */ variables?: Variable[]
  /** @proto 4 @atomic */ mutations?: Mutation[]
  /** @proto 5 @default "Fail" @pointer */ failurePolicy: string
  /** @proto 6 @merge name */ matchConditions?: ListMap<MatchCondition, 'name'>
  /** @proto 7 */ reinvocationPolicy?: string
}

export interface MutatingWebhook {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ clientConfig: WebhookClientConfig
  /** @proto 3 @atomic */ rules?: RuleWithOperations[]
  /** @proto 4 @default "Fail" @pointer */ failurePolicy?: string
  /** @proto 9 @default "Equivalent" @pointer */ matchPolicy?: string
  /** @proto 5 */ namespaceSelector?: LabelSelector
  /** @proto 11 */ objectSelector?: LabelSelector
  /** @proto 6 @required @always null */ sideEffects: string
  /** @proto 7 @default 10 @pointer */ timeoutSeconds?: Int32
  /** @proto 8 @required @always null @atomic */ admissionReviewVersions: string[]
  /** @proto 10 @default "Never" @pointer */ reinvocationPolicy?: string
  /** @proto 12 @merge name */ matchConditions?: ListMap<MatchCondition, 'name'>
}

export interface MutatingWebhookConfiguration {
  apiVersion: 'admissionregistration.k8s.io/v1'
  kind: 'MutatingWebhookConfiguration'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @merge name */ webhooks?: ListMap<MutatingWebhook, 'name'>
}

export interface Mutation {
  /** @proto 2 @required @always */ patchType: string
  /** @proto 3 */ applyConfiguration?: ApplyConfiguration
  /** @proto 4 */ jsonPatch?: JSONPatch
}

/** @atomic */
export interface NamedRuleWithOperations {
  /** @proto 1 @atomic */ resourceNames?: string[]
  /** @proto 2.1 @atomic */ operations?: string[]
  /** @proto 2.2.1 @atomic */ apiGroups?: string[]
  /** @proto 2.2.2 @atomic */ apiVersions?: string[]
  /** @proto 2.2.3 @atomic */ resources?: string[]
  /** @proto 2.2.4 @default "*" @pointer */ scope?: string
}

/** @atomic */
export interface ParamKind {
  /** @proto 1 */ apiVersion?: string
  /** @proto 2 */ kind?: string
}

/** @atomic */
export interface ParamRef {
  /** @proto 1 */ name?: string
  /** @proto 2 */ namespace?: string
  /** @proto 3 */ selector?: LabelSelector
  /** @proto 4 @pointer */ parameterNotFoundAction?: string
}

export interface RuleWithOperations {
  /** @proto 1 @atomic */ operations?: string[]
  /** @proto 2.1 @atomic */ apiGroups?: string[]
  /** @proto 2.2 @atomic */ apiVersions?: string[]
  /** @proto 2.3 @atomic */ resources?: string[]
  /** @proto 2.4 @default "*" @pointer */ scope?: string
}

export interface ServiceReference {
  /** @proto 1 @required @always */ namespace: string
  /** @proto 2 @required @always */ name: string
  /** @proto 3 @pointer */ path?: string
  /** @proto 4 @default 443 @pointer */ port?: Int32
}

export interface TypeChecking {
  /** @proto 1 @atomic */ expressionWarnings?: ExpressionWarning[]
}

export interface ValidatingAdmissionPolicy {
  apiVersion: 'admissionregistration.k8s.io/v1'
  kind: 'ValidatingAdmissionPolicy'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: ValidatingAdmissionPolicySpec
  /** @proto 3 @always */ status: ValidatingAdmissionPolicyStatus
}

export interface ValidatingAdmissionPolicyBinding {
  apiVersion: 'admissionregistration.k8s.io/v1'
  kind: 'ValidatingAdmissionPolicyBinding'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: ValidatingAdmissionPolicyBindingSpec
}

export interface ValidatingAdmissionPolicyBindingSpec {
  /** @proto 1 @required */ policyName: string
  /** @proto 2 */ paramRef?: ParamRef
  /** @proto 3 */ matchResources?: MatchResources
  /** @proto 4 @required */ validationActions: ListSet<string>
}

export interface ValidatingAdmissionPolicySpec {
  /** @proto 1 */ paramKind?: ParamKind
  /** @proto 2 */ matchConstraints?: MatchResources
  /** @proto 3 @atomic */ validations?: Validation[]
  /** @proto 4 @default "Fail" @pointer */ failurePolicy: string
  /** @proto 5 @atomic */ auditAnnotations?: AuditAnnotation[]
  /** @proto 6 @merge name */ matchConditions?: ListMap<MatchCondition, 'name'>
  /** @proto 7 @merge name */ variables?: ListMap<Variable, 'name'>
}

export interface ValidatingAdmissionPolicyStatus {
  /** @proto 1 */ observedGeneration?: Int64
  /** @proto 2 */ typeChecking?: TypeChecking
  /** @proto 3 */ conditions?: ListMap<Condition, 'type'>
}

export interface ValidatingWebhook {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ clientConfig: WebhookClientConfig
  /** @proto 3 @atomic */ rules?: RuleWithOperations[]
  /** @proto 4 @default "Fail" @pointer */ failurePolicy?: string
  /** @proto 9 @default "Equivalent" @pointer */ matchPolicy?: string
  /** @proto 5 */ namespaceSelector?: LabelSelector
  /** @proto 10 */ objectSelector?: LabelSelector
  /** @proto 6 @required @always null */ sideEffects: string
  /** @proto 7 @default 10 @pointer */ timeoutSeconds?: Int32
  /** @proto 8 @required @always null @atomic */ admissionReviewVersions: string[]
  /** @proto 11 @merge name */ matchConditions?: ListMap<MatchCondition, 'name'>
}

export interface ValidatingWebhookConfiguration {
  apiVersion: 'admissionregistration.k8s.io/v1'
  kind: 'ValidatingWebhookConfiguration'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @merge name */ webhooks?: ListMap<ValidatingWebhook, 'name'>
}

export interface Validation {
  /** @proto 1 @required @always */ expression: string
  /** @proto 2 */ message?: string
  /** @proto 3 @pointer */ reason?: string
  /** @proto 4 */ messageExpression?: string
}

/** @atomic */
export interface Variable {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ expression: string
}

export interface WebhookClientConfig {
  /** @proto 3 @pointer */ url?: string
  /** @proto 1 */ service?: ServiceReference
  /** @proto 2 */ caBundle?: Bytes
}
