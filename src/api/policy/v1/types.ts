// The policy/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int32, Int64, IntOrString, ListMap, Time } from '#apimachinery/meta/v1/scalars'
import type { Condition, DeleteOptions, LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface Eviction {
  apiVersion: 'policy/v1'
  kind: 'Eviction'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 */ deleteOptions?: DeleteOptions
}

export interface PodDisruptionBudget {
  apiVersion: 'policy/v1'
  kind: 'PodDisruptionBudget'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: PodDisruptionBudgetSpec
  /** @proto 3 @always */ status: PodDisruptionBudgetStatus
}

export interface PodDisruptionBudgetSpec {
  /** @proto 1 @pointer */ minAvailable?: IntOrString
  /** @proto 2 */ selector?: LabelSelector
  /** @proto 3 @pointer */ maxUnavailable?: IntOrString
  /** @proto 4 @pointer */ unhealthyPodEvictionPolicy?: string
}

export interface PodDisruptionBudgetStatus {
  /** @proto 1 */ observedGeneration?: Int64
  /** @proto 2 */ disruptedPods?: Record<string, Time>
  /** @proto 3 @always */ disruptionsAllowed: Int32
  /** @proto 4 @always */ currentHealthy: Int32
  /** @proto 5 @always */ desiredHealthy: Int32
  /** @proto 6 @always */ expectedPods: Int32
  /** @proto 7 @merge type */ conditions?: ListMap<Condition, 'type'>
}
