// The autoscaling/v2 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int32, Int64, ListMap, Quantity, Time } from '#apimachinery/meta/v1/scalars'
import type { LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface ContainerResourceMetricSource {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ target: MetricTarget
  /** @proto 3 @required @always */ container: string
}

export interface ContainerResourceMetricStatus {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ current: MetricValueStatus
  /** @proto 3 @required @always */ container: string
}

export interface CrossVersionObjectReference {
  /** @proto 1 @required @always */ kind: string
  /** @proto 2 @required @always */ name: string
  /** @proto 3 */ apiVersion?: string
}

export interface ExternalMetricSource {
  /** @proto 1 @required @always */ metric: MetricIdentifier
  /** @proto 2 @required @always */ target: MetricTarget
}

export interface ExternalMetricStatus {
  /** @proto 1 @required @always */ metric: MetricIdentifier
  /** @proto 2 @required @always */ current: MetricValueStatus
}

export interface HPAScalingPolicy {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ value: Int32
  /** @proto 3 @required @always */ periodSeconds: Int32
}

export interface HPAScalingRules {
  /** @proto 3 @pointer */ stabilizationWindowSeconds?: Int32
  /** @proto 1 @pointer */ selectPolicy?: string
  /** @proto 2 @atomic @pointer */ policies?: HPAScalingPolicy[]
  /** @proto 4 @pointer */ tolerance?: Quantity
}

export interface HorizontalPodAutoscaler {
  apiVersion: 'autoscaling/v2'
  kind: 'HorizontalPodAutoscaler'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: HorizontalPodAutoscalerSpec
  /** @proto 3 @always */ status: HorizontalPodAutoscalerStatus
}

export interface HorizontalPodAutoscalerBehavior {
  /** @proto 1 */ scaleUp?: HPAScalingRules
  /** @proto 2 */ scaleDown?: HPAScalingRules
}

export interface HorizontalPodAutoscalerCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 @always null */ lastTransitionTime?: Time
  /** @proto 4 */ reason?: string
  /** @proto 5 */ message?: string
}

export interface HorizontalPodAutoscalerSpec {
  /** @proto 1 @required @always */ scaleTargetRef: CrossVersionObjectReference
  /** @proto 2 @default 1 @pointer */ minReplicas: Int32
  /** @proto 3 @required @always */ maxReplicas: Int32
  /** @proto 4 @atomic */ metrics?: MetricSpec[]
  /** @proto 5 */ behavior?: HorizontalPodAutoscalerBehavior
}

export interface HorizontalPodAutoscalerStatus {
  /** @proto 1 @pointer */ observedGeneration?: Int64
  /** @proto 2 @pointer */ lastScaleTime?: Time
  /** @proto 3 */ currentReplicas?: Int32
  /** @proto 4 @required @always */ desiredReplicas: Int32
  /** @proto 5 @always null @atomic */ currentMetrics?: MetricStatus[]
  /** @proto 6 @merge type */ conditions?: ListMap<HorizontalPodAutoscalerCondition, 'type'>
}

export interface MetricIdentifier {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 */ selector?: LabelSelector
}

export interface MetricSpec {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 */ object?: ObjectMetricSource
  /** @proto 3 */ pods?: PodsMetricSource
  /** @proto 4 */ resource?: ResourceMetricSource
  /** @proto 7 */ containerResource?: ContainerResourceMetricSource
  /** @proto 5 */ external?: ExternalMetricSource
}

export interface MetricStatus {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 */ object?: ObjectMetricStatus
  /** @proto 3 */ pods?: PodsMetricStatus
  /** @proto 4 */ resource?: ResourceMetricStatus
  /** @proto 7 */ containerResource?: ContainerResourceMetricStatus
  /** @proto 5 */ external?: ExternalMetricStatus
}

export interface MetricTarget {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @pointer */ value?: Quantity
  /** @proto 3 @pointer */ averageValue?: Quantity
  /** @proto 4 @pointer */ averageUtilization?: Int32
}

export interface MetricValueStatus {
  /** @proto 1 @pointer */ value?: Quantity
  /** @proto 2 @pointer */ averageValue?: Quantity
  /** @proto 3 @pointer */ averageUtilization?: Int32
}

export interface ObjectMetricSource {
  /** @proto 1 @required @always */ describedObject: CrossVersionObjectReference
  /** @proto 2 @required @always */ target: MetricTarget
  /** @proto 3 @required @always */ metric: MetricIdentifier
}

export interface ObjectMetricStatus {
  /** @proto 1 @required @always */ metric: MetricIdentifier
  /** @proto 2 @required @always */ current: MetricValueStatus
  /** @proto 3 @required @always */ describedObject: CrossVersionObjectReference
}

export interface PodsMetricSource {
  /** @proto 1 @required @always */ metric: MetricIdentifier
  /** @proto 2 @required @always */ target: MetricTarget
}

export interface PodsMetricStatus {
  /** @proto 1 @required @always */ metric: MetricIdentifier
  /** @proto 2 @required @always */ current: MetricValueStatus
}

export interface ResourceMetricSource {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ target: MetricTarget
}

export interface ResourceMetricStatus {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ current: MetricValueStatus
}
