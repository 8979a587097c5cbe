// The apiserverinternal/v1alpha1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { Int64, ListMap, ListSet, Time } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface ServerStorageVersion {
  /** @proto 1 @required */ apiServerID: string
  /** @proto 2 @required */ encodingVersion: string
  /** @proto 3 @required */ decodableVersions: ListSet<string>
  /** @proto 4 */ servedVersions?: ListSet<string>
}

export interface StorageVersion {
  apiVersion: 'internal.apiserver.k8s.io/v1alpha1'
  kind: 'StorageVersion'
  /** @proto 1 @required */ metadata: ObjectMeta
  /** @proto 2 @always */ spec: StorageVersionSpec
  /** @proto 3 @always */ status: StorageVersionStatus
}

export interface StorageVersionCondition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 */ observedGeneration?: Int64
  /** @proto 4 @always */ lastTransitionTime: Time
  /** @proto 5 @required @always */ reason: string
  /** @proto 6 @required */ message: string
}

export interface StorageVersionSpec {}

export interface StorageVersionStatus {
  /** @proto 1 */ storageVersions?: ListMap<ServerStorageVersion, 'apiServerID'>
  /** @proto 2 @pointer */ commonEncodingVersion?: string
  /** @proto 3 */ conditions?: ListMap<StorageVersionCondition, 'type'>
}
