// The resource/v1alpha3 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { ListMap, Time } from '#apimachinery/meta/v1/scalars'
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
