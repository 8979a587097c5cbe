// The scheduling/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int32 } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface PriorityClass {
  apiVersion: 'scheduling.k8s.io/v1'
  kind: 'PriorityClass'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ value: Int32
  /** @proto 3 */ globalDefault?: boolean
  /** @proto 4 */ description?: string
  /** @proto 5 @default "PreemptLowerPriority" @pointer */ preemptionPolicy: string
}
