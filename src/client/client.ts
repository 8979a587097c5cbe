import type { Input, KubeObject, NamespacedName, ObjectList } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Transport, WatchEvent } from './transport'

/**
 * The only way from any component to the API. Objects that come back are deeply frozen: `structuredClone` before a
 * change, or better, patch. Every refusal is an `ApiError`; ask `isNotFound(error)` and its like.
 */
export interface Client {
  readonly transport: Transport
  get<T extends KubeObject>(resource: ResourceRef<T>, name: NamespacedName, options?: GetOptions): Promise<T>
  /** All pages unless `limit` is given. */
  list<T extends KubeObject>(resource: ResourceRef<T>, options?: ListOptions): Promise<ObjectList<T>>
  /** One watch, until the server or the signal ends it. Informers start it again; most callers want an informer. */
  watch<T extends KubeObject>(resource: ResourceRef<T>, options: WatchOptions, deliver: (events: readonly WatchEvent<T>[]) => void): Promise<void>
  create<T extends KubeObject>(resource: ResourceRef<T>, object: Input<T>, options?: WriteOptions): Promise<T>
  /** Replaces what stands at the object's name; with a resourceVersion only if nothing was written since. */
  update<T extends KubeObject>(resource: ResourceRef<T>, object: Input<T>, options?: WriteOptions & { subresource?: string }): Promise<T>
  patch<T extends KubeObject>(resource: ResourceRef<T>, name: NamespacedName, patch: unknown, options: PatchOptions): Promise<T>
  /** Server-side apply. */
  apply<T extends KubeObject>(resource: ResourceRef<T>, object: Input<T>, options: ApplyOptions): Promise<T>
  /** Resolves with what was deleted, or is now on its way out. */
  delete(resource: ResourceRef, name: NamespacedName, options?: DeleteOptions): Promise<void>
  deleteCollection(resource: ResourceRef, options: ListOptions & DeleteOptions): Promise<void>
  /** A subresource with a type of its own: `create(pods, name, 'binding', binding)`. */
  subresource<B, A>(resource: ResourceRef, name: NamespacedName, subresource: string, method: 'GET' | 'POST' | 'PUT', body?: B): Promise<A>
}

export interface GetOptions { resourceVersion?: string; subresource?: string; signal?: AbortSignal }
export interface ListOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  limit?: number
  continue?: string
  resourceVersion?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  /** Only metadata comes (PartialObjectMetadata). */
  metadataOnly?: boolean
  signal?: AbortSignal
}
export interface WatchOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  resourceVersion?: string
  resourceVersionMatch?: 'NotOlderThan'
  allowWatchBookmarks?: boolean
  sendInitialEvents?: boolean
  timeoutSeconds?: number
  /** Only metadata comes (PartialObjectMetadata). */
  metadataOnly?: boolean
  signal: AbortSignal
}
export interface WriteOptions { fieldManager?: string; dryRun?: boolean; fieldValidation?: 'Ignore' | 'Warn' | 'Strict'; signal?: AbortSignal }
export interface PatchOptions extends WriteOptions { type: 'json' | 'merge' | 'strategic'; subresource?: string }
export interface ApplyOptions extends WriteOptions { fieldManager: string; force?: boolean; subresource?: string }
export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: boolean
  signal?: AbortSignal
}
