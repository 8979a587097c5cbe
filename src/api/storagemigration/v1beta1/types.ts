// The storagemigration/v1beta1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { ListMap } from '#apimachinery/meta/v1/scalars'
import type { Condition, GroupResource, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface StorageVersionMigration {
  apiVersion: 'storagemigration.k8s.io/v1beta1'
  kind: 'StorageVersionMigration'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: StorageVersionMigrationSpec
  /** @proto 3 @always */ status: StorageVersionMigrationStatus
}

export interface StorageVersionMigrationSpec {
  /** @proto 1 @required @always */ resource: GroupResource
}

export interface StorageVersionMigrationStatus {
  /** @proto 1 @merge type */ conditions?: ListMap<Condition, 'type'>
  /** @proto 2 */ resourceVersion?: string
}
