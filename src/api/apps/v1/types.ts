// The apps/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { PersistentVolumeClaim, PodTemplateSpec } from '#api/core/v1/types'
import type { Int32, Int64, IntOrString, ListMap, RawExtension, Time } from '#apimachinery/meta/v1/scalars'
import type { LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface ControllerRevision {
  apiVersion: 'apps/v1'
  kind: 'ControllerRevision'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 */ data?: RawExtension
  /** @proto 3 @required @always */ revision: Int64
}

export interface DaemonSet {
  apiVersion: 'apps/v1'
  kind: 'DaemonSet'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: DaemonSetSpec
  /** @proto 3 @always */ status: DaemonSetStatus
}

export interface DaemonSetCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface DaemonSetSpec {
  /** @proto 1 @required @always null */ selector: LabelSelector
  /** @proto 2 @required @always */ template: PodTemplateSpec
  /** @proto 3 @always */ updateStrategy: DaemonSetUpdateStrategy
  /** @proto 4 */ minReadySeconds?: Int32
  /** @proto 6 @default 10 @pointer */ revisionHistoryLimit: Int32
}

export interface DaemonSetStatus {
  /** @proto 1 @required @always */ currentNumberScheduled: Int32
  /** @proto 2 @required @always */ numberMisscheduled: Int32
  /** @proto 3 @required @always */ desiredNumberScheduled: Int32
  /** @proto 4 @required @always */ numberReady: Int32
  /** @proto 5 */ observedGeneration?: Int64
  /** @proto 6 */ updatedNumberScheduled?: Int32
  /** @proto 7 */ numberAvailable?: Int32
  /** @proto 8 */ numberUnavailable?: Int32
  /** @proto 9 @pointer */ collisionCount?: Int32
  /** @proto 10 @merge type */ conditions?: ListMap<DaemonSetCondition, 'type'>
}

export interface DaemonSetUpdateStrategy {
  /** @proto 1 @default "RollingUpdate" */ type: string
  /** @proto 2 */ rollingUpdate?: RollingUpdateDaemonSet
}

export interface Deployment {
  apiVersion: 'apps/v1'
  kind: 'Deployment'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: DeploymentSpec
  /** @proto 3 @always */ status: DeploymentStatus
}

export interface DeploymentCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 6 @always null */ lastUpdateTime?: Time
  /** @proto 7 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface DeploymentSpec {
  /** @proto 1 @default 1 @pointer */ replicas: Int32
  /** @proto 2 @required @always null */ selector: LabelSelector
  /** @proto 3 @required @always */ template: PodTemplateSpec
  /** @proto 4 @always @retainKeys */ strategy: DeploymentStrategy
  /** @proto 5 */ minReadySeconds?: Int32
  /** @proto 6 @default 10 @pointer */ revisionHistoryLimit: Int32
  /** @proto 7 */ paused?: boolean
  /** @proto 9 @default 600 @pointer */ progressDeadlineSeconds: Int32
}

export interface DeploymentStatus {
  /** @proto 1 */ observedGeneration?: Int64
  /** @proto 2 */ replicas?: Int32
  /** @proto 3 */ updatedReplicas?: Int32
  /** @proto 7 */ readyReplicas?: Int32
  /** @proto 4 */ availableReplicas?: Int32
  /** @proto 5 */ unavailableReplicas?: Int32
  /** @proto 9 @pointer */ terminatingReplicas?: Int32
  /** @proto 6 @merge type */ conditions?: ListMap<DeploymentCondition, 'type'>
  /** @proto 8 @pointer */ collisionCount?: Int32
}

export interface DeploymentStrategy {
  /** @proto 1 @default "RollingUpdate" */ type: string
  /** @proto 2 */ rollingUpdate?: RollingUpdateDeployment
}

export interface ReplicaSet {
  apiVersion: 'apps/v1'
  kind: 'ReplicaSet'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: ReplicaSetSpec
  /** @proto 3 @always */ status: ReplicaSetStatus
}

export interface ReplicaSetCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface ReplicaSetSpec {
  /** @proto 1 @default 1 @pointer */ replicas: Int32
  /** @proto 4 */ minReadySeconds?: Int32
  /** @proto 2 @required @always null */ selector: LabelSelector
  /** @proto 3 @always */ template: PodTemplateSpec
}

export interface ReplicaSetStatus {
  /** @proto 1 @required @always */ replicas: Int32
  /** @proto 2 */ fullyLabeledReplicas?: Int32
  /** @proto 4 */ readyReplicas?: Int32
  /** @proto 5 */ availableReplicas?: Int32
  /** @proto 7 @pointer */ terminatingReplicas?: Int32
  /** @proto 3 */ observedGeneration?: Int64
  /** @proto 6 @merge type */ conditions?: ListMap<ReplicaSetCondition, 'type'>
}

export interface RollingUpdateDaemonSet {
  /** @proto 1 @pointer */ maxUnavailable: IntOrString
  /** @proto 2 @pointer */ maxSurge: IntOrString
}

export interface RollingUpdateDeployment {
  /** @proto 1 @default "25%" @pointer */ maxUnavailable: IntOrString
  /** @proto 2 @default "25%" @pointer */ maxSurge: IntOrString
}

export interface RollingUpdateStatefulSetStrategy {
  /** @proto 1 @default 0 @pointer */ partition: Int32
  /** @proto 2 @pointer */ maxUnavailable?: IntOrString
}

export interface StatefulSet {
  apiVersion: 'apps/v1'
  kind: 'StatefulSet'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: StatefulSetSpec
  /** @proto 3 @always */ status: StatefulSetStatus
}

export interface StatefulSetCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface StatefulSetOrdinals {
  /** @proto 1 @always */ start: Int32
}

export interface StatefulSetPersistentVolumeClaimRetentionPolicy {
  /** @proto 1 @default "Retain" */ whenDeleted: string
  /** @proto 2 @default "Retain" */ whenScaled: string
}

export interface StatefulSetSpec {
  /** @proto 1 @default 1 @pointer */ replicas: Int32
  /** @proto 2 @required @always null */ selector: LabelSelector
  /** @proto 3 @required @always */ template: PodTemplateSpec
  /** @proto 4 @atomic */ volumeClaimTemplates?: PersistentVolumeClaim[]
  /** @proto 5 @always */ serviceName: string
  /** @proto 6 @default "OrderedReady" */ podManagementPolicy: string
  /** @proto 7 @always */ updateStrategy: StatefulSetUpdateStrategy
  /** @proto 8 @default 10 @pointer */ revisionHistoryLimit: Int32
  /** @proto 9 */ minReadySeconds?: Int32
  /** @proto 10 */ persistentVolumeClaimRetentionPolicy?: StatefulSetPersistentVolumeClaimRetentionPolicy
  /** @proto 11 */ ordinals?: StatefulSetOrdinals
}

export interface StatefulSetStatus {
  /** @proto 1 */ observedGeneration?: Int64
  /** @proto 2 @required @always */ replicas: Int32
  /** @proto 3 */ readyReplicas?: Int32
  /** @proto 4 */ currentReplicas?: Int32
  /** @proto 5 */ updatedReplicas?: Int32
  /** @proto 6 */ currentRevision?: string
  /** @proto 7 */ updateRevision?: string
  /** @proto 9 @pointer */ collisionCount?: Int32
  /** @proto 10 @merge type */ conditions?: ListMap<StatefulSetCondition, 'type'>
  /** @proto 11 @always */ availableReplicas: Int32
}

export interface StatefulSetUpdateStrategy {
  /** @proto 1 */ type: string
  /** @proto 2 */ rollingUpdate?: RollingUpdateStatefulSetStrategy
}
