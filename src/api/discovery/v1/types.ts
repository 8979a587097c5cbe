// The discovery/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { ObjectReference } from '#api/core/v1/types'
import type { Int32, ListSet } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface Endpoint {
  /** @proto 1 @required @always null */ addresses: ListSet<string>
  /** @proto 2 @always */ conditions: EndpointConditions
  /** @proto 3 @pointer */ hostname?: string
  /** @proto 4 */ targetRef?: ObjectReference
  /** @proto 5 */ deprecatedTopology?: Record<string, string>
  /** @proto 6 @pointer */ nodeName?: string
  /** @proto 7 @pointer */ zone?: string
  /** @proto 8 */ hints?: EndpointHints
}

export interface EndpointConditions {
  /** @proto 1 @pointer */ ready?: boolean
  /** @proto 2 @pointer */ serving?: boolean
  /** @proto 3 @pointer */ terminating?: boolean
}

export interface EndpointHints {
  /** @proto 1 @atomic */ forZones?: ForZone[]
  /** @proto 2 @atomic */ forNodes?: ForNode[]
}

/** @atomic */
export interface EndpointPort {
  /** @proto 1 @default "" @pointer */ name?: string
  /** @proto 2 @default "TCP" @pointer */ protocol?: string
  /** @proto 3 @pointer */ port?: Int32
  /** @proto 4 @pointer */ appProtocol?: string
}

export interface EndpointSlice {
  apiVersion: 'discovery.k8s.io/v1'
  kind: 'EndpointSlice'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 4 @required @always */ addressType: string
  /** @proto 2 @always null @atomic */ endpoints?: Endpoint[]
  /** @proto 3 @always null @atomic */ ports?: EndpointPort[]
}

export interface ForNode {
  /** @proto 1 @required @always */ name: string
}

export interface ForZone {
  /** @proto 1 @required @always */ name: string
}
