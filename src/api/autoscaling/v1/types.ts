// The autoscaling/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int32, Int64, Time } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

/** @atomic */
export interface CrossVersionObjectReference {
  /** @proto 1 @required @always */ kind: string
  /** @proto 2 @required @always */ name: string
  /** @proto 3 */ apiVersion?: string
}

export interface HorizontalPodAutoscaler {
  apiVersion: 'autoscaling/v1'
  kind: 'HorizontalPodAutoscaler'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: HorizontalPodAutoscalerSpec
  /** @proto 3 @always */ status: HorizontalPodAutoscalerStatus
}

export interface HorizontalPodAutoscalerSpec {
  /** @proto 1 @required @always */ scaleTargetRef: CrossVersionObjectReference
  /** @proto 2 @default 1 @pointer */ minReplicas: Int32
  /** @proto 3 @required @always */ maxReplicas: Int32
  /** @proto 4 @pointer */ targetCPUUtilizationPercentage?: Int32
}

export interface HorizontalPodAutoscalerStatus {
  /** @proto 1 @pointer */ observedGeneration?: Int64
  /** @proto 2 @pointer */ lastScaleTime?: Time
  /** @proto 3 @required @always */ currentReplicas: Int32
  /** @proto 4 @required @always */ desiredReplicas: Int32
  /** @proto 5 @pointer */ currentCPUUtilizationPercentage?: Int32
}

export interface Scale {
  apiVersion: 'autoscaling/v1'
  kind: 'Scale'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: ScaleSpec
  /** @proto 3 @always */ status: ScaleStatus
}

export interface ScaleSpec {
  /** @proto 1 */ replicas?: Int32
}

export interface ScaleStatus {
  /** @proto 1 @required @always */ replicas: Int32
  /** @proto 2 */ selector?: string
}
