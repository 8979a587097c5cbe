// The networking/v1beta1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { ListMap } from '#apimachinery/meta/v1/scalars'
import type { Condition, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface IPAddress {
  apiVersion: 'networking.k8s.io/v1beta1'
  kind: 'IPAddress'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: IPAddressSpec
}

export interface IPAddressSpec {
  /** @proto 1 @required */ parentRef: ParentReference
}

export interface ParentReference {
  /** @proto 1 */ group?: string
  /** @proto 2 @required */ resource: string
  /** @proto 3 */ namespace?: string
  /** @proto 4 @required */ name: string
}

export interface ServiceCIDR {
  apiVersion: 'networking.k8s.io/v1beta1'
  kind: 'ServiceCIDR'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: ServiceCIDRSpec
  /** @proto 3 @always */ status: ServiceCIDRStatus
}

export interface ServiceCIDRSpec {
  /** @proto 1 @atomic */ cidrs?: string[]
}

export interface ServiceCIDRStatus {
  /** @proto 1 @merge type */ conditions?: ListMap<Condition, 'type'>
}
