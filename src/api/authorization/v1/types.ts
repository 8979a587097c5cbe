// The authorization/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { FieldSelectorRequirement, LabelSelectorRequirement, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface FieldSelectorAttributes {
  /** @proto 1 */ rawSelector?: string
  /** @proto 2 @atomic */ requirements?: FieldSelectorRequirement[]
}

export interface LabelSelectorAttributes {
  /** @proto 1 */ rawSelector?: string
  /** @proto 2 @atomic */ requirements?: LabelSelectorRequirement[]
}

export interface LocalSubjectAccessReview {
  apiVersion: 'authorization.k8s.io/v1'
  kind: 'LocalSubjectAccessReview'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: SubjectAccessReviewSpec
  /** @proto 3 @always */ status: SubjectAccessReviewStatus
}

export interface NonResourceAttributes {
  /** @proto 1 */ path?: string
  /** @proto 2 */ verb?: string
}

export interface NonResourceRule {
  /** @proto 1 @required @always null @atomic */ verbs: string[]
  /** @proto 2 @atomic */ nonResourceURLs?: string[]
}

export interface ResourceAttributes {
  /** @proto 1 */ namespace?: string
  /** @proto 2 */ verb?: string
  /** @proto 3 */ group?: string
  /** @proto 4 */ version?: string
  /** @proto 5 */ resource?: string
  /** @proto 6 */ subresource?: string
  /** @proto 7 */ name?: string
  /** @proto 8 */ fieldSelector?: FieldSelectorAttributes
  /** @proto 9 */ labelSelector?: LabelSelectorAttributes
}

export interface ResourceRule {
  /** @proto 1 @required @always null @atomic */ verbs: string[]
  /** @proto 2 @atomic */ apiGroups?: string[]
  /** @proto 3 @atomic */ resources?: string[]
  /** @proto 4 @atomic */ resourceNames?: string[]
}

export interface SelfSubjectAccessReview {
  apiVersion: 'authorization.k8s.io/v1'
  kind: 'SelfSubjectAccessReview'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: SelfSubjectAccessReviewSpec
  /** @proto 3 @always */ status: SubjectAccessReviewStatus
}

export interface SelfSubjectAccessReviewSpec {
  /** @proto 1 */ resourceAttributes?: ResourceAttributes
  /** @proto 2 */ nonResourceAttributes?: NonResourceAttributes
}

export interface SelfSubjectRulesReview {
  apiVersion: 'authorization.k8s.io/v1'
  kind: 'SelfSubjectRulesReview'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: SelfSubjectRulesReviewSpec
  /** @proto 3 @always */ status: SubjectRulesReviewStatus
}

export interface SelfSubjectRulesReviewSpec {
  /** @proto 1 */ namespace?: string
}

export interface SubjectAccessReview {
  apiVersion: 'authorization.k8s.io/v1'
  kind: 'SubjectAccessReview'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: SubjectAccessReviewSpec
  /** @proto 3 @always */ status: SubjectAccessReviewStatus
}

export interface SubjectAccessReviewSpec {
  /** @proto 1 */ resourceAttributes?: ResourceAttributes
  /** @proto 2 */ nonResourceAttributes?: NonResourceAttributes
  /** @proto 3 */ user?: string
  /** @proto 4 @atomic */ groups?: string[]
  /** @proto 5 */ extra?: Record<string, string[]>
  /** @proto 6 */ uid?: string
}

export interface SubjectAccessReviewStatus {
  /** @proto 1 @required @always */ allowed: boolean
  /** @proto 4 */ denied?: boolean
  /** @proto 2 */ reason?: string
  /** @proto 3 */ evaluationError?: string
}

export interface SubjectRulesReviewStatus {
  /** @proto 1 @required @always null @atomic */ resourceRules: ResourceRule[]
  /** @proto 2 @required @always null @atomic */ nonResourceRules: NonResourceRule[]
  /** @proto 3 @required @always */ incomplete: boolean
  /** @proto 4 */ evaluationError?: string
}
