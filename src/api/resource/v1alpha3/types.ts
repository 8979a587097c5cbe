// The resource/v1alpha3 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int32, Int64, ListMap, Time } from '#apimachinery/meta/v1/scalars'
import type { Condition, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface DeviceTaint {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 */ value?: string
  /** @proto 3 @required @always */ effect: string
  /** @proto 4 @pointer */ timeAdded?: Time
}

export interface DeviceTaintRule {
  apiVersion: 'resource.k8s.io/v1alpha3'
  kind: 'DeviceTaintRule'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: DeviceTaintRuleSpec
  /** @proto 3 @always */ status: DeviceTaintRuleStatus
}

export interface DeviceTaintRuleSpec {
  /** @proto 1 */ deviceSelector?: DeviceTaintSelector
  /** @proto 2 @required @always */ taint: DeviceTaint
}

export interface DeviceTaintRuleStatus {
  /** @proto 1 @merge type */ conditions?: ListMap<Condition, 'type'>
}

export interface DeviceTaintSelector {
  /** @proto 2 @pointer */ driver?: string
  /** @proto 3 @pointer */ pool?: string
  /** @proto 4 @pointer */ device?: string
}

export interface PoolStatus {
  /** @proto 1 @required */ driver: string
  /** @proto 2 @required */ poolName: string
  /** @proto 9 @required @always */ generation: Int64
  /** @proto 8 @pointer */ resourceSliceCount?: Int32
  /** @proto 4 @pointer */ totalDevices?: Int32
  /** @proto 5 @pointer */ allocatedDevices?: Int32
  /** @proto 6 @pointer */ availableDevices?: Int32
  /** @proto 7 @pointer */ unavailableDevices?: Int32
  /** @proto 3 @pointer */ nodeName?: string
  /** @proto 10 @pointer */ validationError?: string
}

export interface ResourcePoolStatusRequest {
  apiVersion: 'resource.k8s.io/v1alpha3'
  kind: 'ResourcePoolStatusRequest'
  /** @proto 1 @required */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: ResourcePoolStatusRequestSpec
  /** @proto 3 */ status?: ResourcePoolStatusRequestStatus
}

export interface ResourcePoolStatusRequestSpec {
  /** @proto 1 @required @always */ driver: string
  /** @proto 2 @pointer */ poolName?: string
  /** @proto 3 @default 100 @pointer */ limit: Int32
}

export interface ResourcePoolStatusRequestStatus {
  /** @proto 6 @required @pointer */ poolCount: Int32
  /** @proto 2 @atomic */ pools?: PoolStatus[]
  /** @proto 3 @merge type */ conditions?: ListMap<Condition, 'type'>
}
