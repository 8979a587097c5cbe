// The admissionregistration/v1alpha1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { ListMap } from '#apimachinery/meta/v1/scalars'
import type { LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface ApplyConfiguration {
  /** @proto 1 */ expression?: string
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
  apiVersion: 'admissionregistration.k8s.io/v1alpha1'
  kind: 'MutatingAdmissionPolicy'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: MutatingAdmissionPolicySpec
}

export interface MutatingAdmissionPolicyBinding {
  apiVersion: 'admissionregistration.k8s.io/v1alpha1'
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

export interface Variable {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ expression: string
}
