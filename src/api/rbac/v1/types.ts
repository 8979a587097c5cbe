// The rbac/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface AggregationRule {
  /** @proto 1 @atomic */ clusterRoleSelectors?: LabelSelector[]
}

export interface ClusterRole {
  apiVersion: 'rbac.authorization.k8s.io/v1'
  kind: 'ClusterRole'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always null @atomic */ rules?: PolicyRule[]
  /** @proto 3 */ aggregationRule?: AggregationRule
}

export interface ClusterRoleBinding {
  apiVersion: 'rbac.authorization.k8s.io/v1'
  kind: 'ClusterRoleBinding'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @atomic */ subjects?: Subject[]
  /** @proto 3 @required @always */ roleRef: RoleRef
}

export interface PolicyRule {
  /** @proto 1 @required @always null @atomic */ verbs: string[]
  /** @proto 2 @atomic */ apiGroups?: string[]
  /** @proto 3 @atomic */ resources?: string[]
  /** @proto 4 @atomic */ resourceNames?: string[]
  /** @proto 5 @atomic */ nonResourceURLs?: string[]
}

export interface Role {
  apiVersion: 'rbac.authorization.k8s.io/v1'
  kind: 'Role'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always null @atomic */ rules?: PolicyRule[]
}

export interface RoleBinding {
  apiVersion: 'rbac.authorization.k8s.io/v1'
  kind: 'RoleBinding'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @atomic */ subjects?: Subject[]
  /** @proto 3 @required @always */ roleRef: RoleRef
}

/** @atomic */
export interface RoleRef {
  /** @proto 1 @always @default "rbac.authorization.k8s.io" */ apiGroup: string
  /** @proto 2 @required @always */ kind: string
  /** @proto 3 @required @always */ name: string
}

/** @atomic */
export interface Subject {
  /** @proto 1 @required @always */ kind: string
  /** @proto 2 */ apiGroup?: string
  /** @proto 3 @required @always */ name: string
  /** @proto 4 */ namespace?: string
}
