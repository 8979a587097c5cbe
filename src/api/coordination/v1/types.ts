// The coordination/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int32, MicroTime } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface Lease {
  apiVersion: 'coordination.k8s.io/v1'
  kind: 'Lease'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: LeaseSpec
}

export interface LeaseSpec {
  /** @proto 1 @pointer */ holderIdentity?: string
  /** @proto 2 @pointer */ leaseDurationSeconds?: Int32
  /** @proto 3 @pointer */ acquireTime?: MicroTime
  /** @proto 4 @pointer */ renewTime?: MicroTime
  /** @proto 5 @pointer */ leaseTransitions?: Int32
  /** @proto 6 @pointer */ strategy?: string
  /** @proto 7 @pointer */ preferredHolder?: string
}
