// The authentication/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int64, Time } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface BoundObjectReference {
  /** @proto 1 */ kind?: string
  /** @proto 2 */ apiVersion?: string
  /** @proto 3 */ name?: string
  /** @proto 4 */ uid?: string
}

export interface SelfSubjectReview {
  apiVersion: 'authentication.k8s.io/v1'
  kind: 'SelfSubjectReview'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ status: SelfSubjectReviewStatus
}

export interface SelfSubjectReviewStatus {
  /** @proto 1 @always */ userInfo: UserInfo
}

export interface TokenRequest {
  apiVersion: 'authentication.k8s.io/v1'
  kind: 'TokenRequest'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: TokenRequestSpec
  /** @proto 3 @always */ status: TokenRequestStatus
}

export interface TokenRequestSpec {
  /** @proto 1 @always null @atomic */ audiences?: string[]
  /** @proto 4 @always null @default 3600 */ expirationSeconds: Int64
  /** @proto 3 @always null */ boundObjectRef?: BoundObjectReference
}

export interface TokenRequestStatus {
  /** @proto 1 @always */ token: string
  /** @proto 2 @always null */ expirationTimestamp?: Time
}

export interface TokenReview {
  apiVersion: 'authentication.k8s.io/v1'
  kind: 'TokenReview'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: TokenReviewSpec
  /** @proto 3 @always */ status: TokenReviewStatus
}

export interface TokenReviewSpec {
  /** @proto 1 @required */ token: string
  /** @proto 2 @atomic */ audiences?: string[]
}

export interface TokenReviewStatus {
  /** @proto 1 */ authenticated?: boolean
  /** @proto 2 @always */ user: UserInfo
  /** @proto 4 @atomic */ audiences?: string[]
  /** @proto 3 */ error?: string
}

export interface UserInfo {
  /** @proto 1 */ username?: string
  /** @proto 2 */ uid?: string
  /** @proto 3 @atomic */ groups?: string[]
  /** @proto 4 */ extra?: Record<string, string[]>
}
