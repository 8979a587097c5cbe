// The apimachinery/meta/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { FieldsV1, Int32, Int64, ListMap, ListSet, RawExtension, Time } from '#apimachinery/meta/v1/scalars'

export interface APIGroup {
  apiVersion: string
  kind: string
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always null @atomic */ versions: GroupVersionForDiscovery[]
  /** @proto 3 @always */ preferredVersion: GroupVersionForDiscovery
  /** @proto 4 @atomic */ serverAddressByClientCIDRs?: ServerAddressByClientCIDR[]
}

export interface APIGroupList {
  apiVersion: string
  kind: string
  /** @proto 1 @required @always null @atomic */ groups: APIGroup[]
}

export interface APIResource {
  /** @proto 1 @required @always */ name: string
  /** @proto 6 @required @always */ singularName: string
  /** @proto 2 @required @always */ namespaced: boolean
  /** @proto 8 */ group?: string
  /** @proto 9 */ version?: string
  /** @proto 3 @required @always */ kind: string
  /** @proto 4.1 @required @always null */ verbs: string[]
  /** @proto 5 @atomic */ shortNames?: string[]
  /** @proto 7 @atomic */ categories?: string[]
  /** @proto 10 */ storageVersionHash?: string
}

export interface APIResourceList {
  apiVersion: string
  kind: string
  /** @proto 1 @required @always */ groupVersion: string
  /** @proto 2 @required @always null @atomic */ resources: APIResource[]
}

export interface APIVersions {
  apiVersion: string
  kind: string
  /** @proto 1 @required @always null @atomic */ versions: string[]
  /** @proto 2 @required @always null @atomic */ serverAddressByClientCIDRs: ServerAddressByClientCIDR[]
}

export interface Condition {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required @always */ status: string
  /** @proto 3 */ observedGeneration?: Int64
  /** @proto 4 @required @always null */ lastTransitionTime: Time
  /** @proto 5 @required @always */ reason: string
  /** @proto 6 @required @always */ message: string
}

export interface DeleteOptions {
  kind?: string
  apiVersion?: string
  /** @proto 1 @pointer */ gracePeriodSeconds?: Int64
  /** @proto 2 */ preconditions?: Preconditions
  /** @proto 3 @pointer */ orphanDependents?: boolean
  /** @proto 4 @pointer */ propagationPolicy?: string
  /** @proto 5 @atomic */ dryRun?: string[]
  /** @proto 6 @pointer */ ignoreStoreReadErrorWithClusterBreakingPotential?: boolean
}

export interface FieldSelectorRequirement {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 @required @always */ operator: string
  /** @proto 3 @atomic */ values?: string[]
}

export interface GroupResource {
  /** @proto 1 @required @always */ group: string
  /** @proto 2 @required @always */ resource: string
}

export interface GroupVersionForDiscovery {
  /** @proto 1 @required @always */ groupVersion: string
  /** @proto 2 @required @always */ version: string
}

/** @atomic */
export interface LabelSelector {
  /** @proto 1 */ matchLabels?: Record<string, string>
  /** @proto 2 @atomic */ matchExpressions?: LabelSelectorRequirement[]
}

export interface LabelSelectorRequirement {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 @required @always */ operator: string
  /** @proto 3 @atomic */ values?: string[]
}

export interface ListMeta {
  /** @proto 1 */ selfLink?: string
  /** @proto 2 */ resourceVersion?: string
  /** @proto 3 */ continue?: string
  /** @proto 4 @pointer */ remainingItemCount?: Int64
  /** @proto 5 */ shardInfo?: ShardInfo
}

export interface ManagedFieldsEntry {
  /** @proto 1 */ manager?: string
  /** @proto 2 */ operation?: string
  /** @proto 3 */ apiVersion?: string
  /** @proto 4 @pointer */ time?: Time
  /** @proto 6 */ fieldsType?: string
  /** @proto 7 @pointer */ fieldsV1?: FieldsV1
  /** @proto 8 */ subresource?: string
}

export interface ObjectMeta {
  /** @proto 1 */ name: string
  /** @proto 2 */ generateName?: string
  /** @proto 3 */ namespace?: string
  /** @proto 4 */ selfLink?: string
  /** @proto 5 */ uid: string
  /** @proto 6 */ resourceVersion: string
  /** @proto 7 */ generation?: Int64
  /** @proto 8 */ creationTimestamp: Time
  /** @proto 9 @pointer */ deletionTimestamp?: Time
  /** @proto 10 @pointer */ deletionGracePeriodSeconds?: Int64
  /** @proto 11 */ labels?: Record<string, string>
  /** @proto 12 */ annotations?: Record<string, string>
  /** @proto 13 @merge uid */ ownerReferences?: ListMap<OwnerReference, 'uid'>
  /** @proto 14 @merge */ finalizers?: ListSet<string>
  /** @proto 17 @atomic */ managedFields?: ManagedFieldsEntry[]
}

/** @atomic */
export interface OwnerReference {
  /** @proto 5 @required @always */ apiVersion: string
  /** @proto 1 @required @always */ kind: string
  /** @proto 3 @required @always */ name: string
  /** @proto 4 @required @always */ uid: string
  /** @proto 6 @pointer */ controller?: boolean
  /** @proto 7 @pointer */ blockOwnerDeletion?: boolean
}

export interface Preconditions {
  /** @proto 1 @pointer */ uid?: string
  /** @proto 2 @pointer */ resourceVersion?: string
}

export interface ServerAddressByClientCIDR {
  /** @proto 1 @required @always */ clientCIDR: string
  /** @proto 2 @required @always */ serverAddress: string
}

export interface ShardInfo {
  /** @proto 1 @required @always */ selector: string
}

export interface Status {
  apiVersion: string
  kind: string
  /** @proto 1 */ metadata: ListMeta
  /** @proto 2 */ status?: string
  /** @proto 3 */ message?: string
  /** @proto 4 */ reason?: string
  /** @proto 5 */ details?: StatusDetails
  /** @proto 6 */ code?: Int32
}

export interface StatusCause {
  /** @proto 1 */ reason?: string
  /** @proto 2 */ message?: string
  /** @proto 3 */ field?: string
}

export interface StatusDetails {
  /** @proto 1 */ name?: string
  /** @proto 2 */ group?: string
  /** @proto 3 */ kind?: string
  /** @proto 6 */ uid?: string
  /** @proto 4 @atomic */ causes?: StatusCause[]
  /** @proto 5 */ retryAfterSeconds?: Int32
}

export interface WatchEvent {
  /** @proto 1 @required @always */ type: string
  /** @proto 2 @required */ object: RawExtension
}
