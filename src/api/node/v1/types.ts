// The node/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Toleration } from '#api/core/v1/types'
import type { Quantity } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface Overhead {
  /** @proto 1 */ podFixed?: Record<string, Quantity>
}

export interface RuntimeClass {
  apiVersion: 'node.k8s.io/v1'
  kind: 'RuntimeClass'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ handler: string
  /** @proto 3 */ overhead?: Overhead
  /** @proto 4 */ scheduling?: Scheduling
}

export interface Scheduling {
  /** @proto 1 @atomic */ nodeSelector?: Record<string, string>
  /** @proto 2 @atomic */ tolerations?: Toleration[]
}
