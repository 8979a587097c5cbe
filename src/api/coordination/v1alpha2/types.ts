// The coordination/v1alpha2 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { MicroTime } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface LeaseCandidate {
  apiVersion: 'coordination.k8s.io/v1alpha2'
  kind: 'LeaseCandidate'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: LeaseCandidateSpec
}

export interface LeaseCandidateSpec {
  /** @proto 1 @required @always */ leaseName: string
  /** @proto 2 @pointer */ pingTime?: MicroTime
  /** @proto 3 @pointer */ renewTime?: MicroTime
  /** @proto 4 @required @always */ binaryVersion: string
  /** @proto 5 */ emulationVersion?: string
  /** @proto 6 @required @always */ strategy: string
}
