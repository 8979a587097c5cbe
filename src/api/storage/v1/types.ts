// The storage/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { PersistentVolumeSpec, TopologySelectorTerm } from '#api/core/v1/types'
import type { Int32, Int64, ListMap, ListSet, Quantity, Time } from '#apimachinery/meta/v1/scalars'
import type { LabelSelector, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface CSIDriver {
  apiVersion: 'storage.k8s.io/v1'
  kind: 'CSIDriver'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: CSIDriverSpec
}

export interface CSIDriverSpec {
  /** @proto 1 @default true @pointer */ attachRequired: boolean
  /** @proto 2 @default false @pointer */ podInfoOnMount: boolean
  /** @proto 3 */ volumeLifecycleModes: ListSet<string>
  /** @proto 4 @default false @pointer */ storageCapacity: boolean
  /** @proto 5 @default "ReadWriteOnceWithFSType" @pointer */ fsGroupPolicy: string
  /** @proto 6 @atomic */ tokenRequests?: TokenRequest[]
  /** @proto 7 @default false @pointer */ requiresRepublish: boolean
  /** @proto 8 @default false @pointer */ seLinuxMount: boolean
  /** @proto 9 @pointer */ nodeAllocatableUpdatePeriodSeconds?: Int64
  /** @proto 10 @pointer */ serviceAccountTokenInSecrets?: boolean
  /** @proto 11 @pointer */ preventPodSchedulingIfMissing?: boolean
}

export interface CSINode {
  apiVersion: 'storage.k8s.io/v1'
  kind: 'CSINode'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: CSINodeSpec
}

export interface CSINodeDriver {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ nodeID: string
  /** @proto 3 @always null @atomic */ topologyKeys?: string[]
  /** @proto 4 */ allocatable?: VolumeNodeResources
}

export interface CSINodeSpec {
  /** @proto 1 @required @always null @merge name */ drivers: ListMap<CSINodeDriver, 'name'>
}

export interface CSIStorageCapacity {
  apiVersion: 'storage.k8s.io/v1'
  kind: 'CSIStorageCapacity'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 */ nodeTopology?: LabelSelector
  /** @proto 3 @required @always */ storageClassName: string
  /** @proto 4 @pointer */ capacity?: Quantity
  /** @proto 5 @pointer */ maximumVolumeSize?: Quantity
}

export interface StorageClass {
  apiVersion: 'storage.k8s.io/v1'
  kind: 'StorageClass'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ provisioner: string
  /** @proto 3 */ parameters?: Record<string, string>
  /** @proto 4 @default "Delete" @pointer */ reclaimPolicy: string
  /** @proto 5 @atomic */ mountOptions?: string[]
  /** @proto 6 @pointer */ allowVolumeExpansion?: boolean
  /** @proto 7 @default "Immediate" @pointer */ volumeBindingMode: string
  /** @proto 8 @atomic */ allowedTopologies?: TopologySelectorTerm[]
}

export interface TokenRequest {
  /** @proto 1 @required @always */ audience: string
  /** @proto 2 @pointer */ expirationSeconds?: Int64
}

export interface VolumeAttachment {
  apiVersion: 'storage.k8s.io/v1'
  kind: 'VolumeAttachment'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: VolumeAttachmentSpec
  /** @proto 3 @always */ status: VolumeAttachmentStatus
}

export interface VolumeAttachmentSource {
  /** @proto 1 @pointer */ persistentVolumeName?: string
  /** @proto 2 */ inlineVolumeSpec?: PersistentVolumeSpec
}

export interface VolumeAttachmentSpec {
  /** @proto 1 @required @always */ attacher: string
  /** @proto 2 @required @always */ source: VolumeAttachmentSource
  /** @proto 3 @required @always */ nodeName: string
}

export interface VolumeAttachmentStatus {
  /** @proto 1 @required @always */ attached: boolean
  /** @proto 2 */ attachmentMetadata?: Record<string, string>
  /** @proto 3 */ attachError?: VolumeError
  /** @proto 4 */ detachError?: VolumeError
}

export interface VolumeAttributesClass {
  apiVersion: 'storage.k8s.io/v1'
  kind: 'VolumeAttributesClass'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ driverName: string
  /** @proto 3 */ parameters?: Record<string, string>
}

export interface VolumeError {
  /** @proto 1 @always null */ time?: Time
  /** @proto 2 */ message?: string
  /** @proto 3 @pointer */ errorCode?: Int32
}

export interface VolumeNodeResources {
  /** @proto 1 @pointer */ count?: Int32
}
