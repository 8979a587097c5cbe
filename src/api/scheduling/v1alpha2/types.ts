// The scheduling/v1alpha2 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int32, ListMap } from '#apimachinery/meta/v1/scalars'
import type { Condition, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface BasicSchedulingPolicy {}

export interface GangSchedulingPolicy {
  /** @proto 1 @required @always */ minCount: Int32
}

export interface PodGroup {
  apiVersion: 'scheduling.k8s.io/v1alpha2'
  kind: 'PodGroup'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: PodGroupSpec
  /** @proto 3 @always */ status: PodGroupStatus
}

export interface PodGroupResourceClaim {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @pointer */ resourceClaimName?: string
  /** @proto 3 @pointer */ resourceClaimTemplateName?: string
}

export interface PodGroupResourceClaimStatus {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @pointer */ resourceClaimName?: string
}

export interface PodGroupSchedulingConstraints {
  /** @proto 1 @atomic */ topology?: TopologyConstraint[]
}

export interface PodGroupSchedulingPolicy {
  /** @proto 1 */ basic?: BasicSchedulingPolicy
  /** @proto 2 */ gang?: GangSchedulingPolicy
}

export interface PodGroupSpec {
  /** @proto 1 @always null */ podGroupTemplateRef?: PodGroupTemplateReference
  /** @proto 2 @required @always */ schedulingPolicy: PodGroupSchedulingPolicy
  /** @proto 3 */ schedulingConstraints?: PodGroupSchedulingConstraints
  /** @proto 4 @merge name @retainKeys */ resourceClaims?: ListMap<PodGroupResourceClaim, 'name'>
  /** @proto 5 @default "Pod" @pointer */ disruptionMode?: string
  /** @proto 6 */ priorityClassName?: string
  /** @proto 7 @pointer */ priority?: Int32
}

export interface PodGroupStatus {
  /** @proto 1 @merge type */ conditions?: ListMap<Condition, 'type'>
  /** @proto 2 @merge name @retainKeys */ resourceClaimStatuses?: ListMap<PodGroupResourceClaimStatus, 'name'>
}

export interface PodGroupTemplate {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ schedulingPolicy: PodGroupSchedulingPolicy
  /** @proto 3 @always null */ schedulingConstraints?: PodGroupSchedulingConstraints
  /** @proto 4 @merge name @retainKeys */ resourceClaims?: ListMap<PodGroupResourceClaim, 'name'>
  /** @proto 5 @pointer */ disruptionMode?: string
  /** @proto 6 */ priorityClassName?: string
  /** @proto 7 @pointer */ priority?: Int32
}

export interface PodGroupTemplateReference {
  /** @proto 1 @always null */ workload?: WorkloadPodGroupTemplateReference
}

export interface TopologyConstraint {
  /** @proto 1 @required @always */ key: string
}

export interface TypedLocalObjectReference {
  /** @proto 1 */ apiGroup?: string
  /** @proto 2 @required @always */ kind: string
  /** @proto 3 @required @always */ name: string
}

export interface Workload {
  apiVersion: 'scheduling.k8s.io/v1alpha2'
  kind: 'Workload'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: WorkloadSpec
}

export interface WorkloadPodGroupTemplateReference {
  /** @proto 1 @required @always */ workloadName: string
  /** @proto 2 @required @always */ podGroupTemplateName: string
}

export interface WorkloadSpec {
  /** @proto 1 */ controllerRef?: TypedLocalObjectReference
  /** @proto 2 @required @always null */ podGroupTemplates?: ListMap<PodGroupTemplate, 'name'>
}
