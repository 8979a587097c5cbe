import type { KubeObject, ObjectKey } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'

/**
 * A list and a watch kept as an indexed snapshot of frozen objects, which lags behind the server by a moment. Starts when
 * it is first asked for, starts its watch again by itself, lists again after 410.
 */
export interface Informer<T extends KubeObject> {
  readonly resource: ResourceRef<T>
  /** Settles once the first list is in. */
  readonly synced: Promise<void>
  readonly hasSynced: boolean
  /** The resourceVersion up to which changes have arrived, as a number; 0 before the first list. */
  readonly revision: number
  get(key: ObjectKey): T | undefined
  list(namespace?: string): readonly T[]
  /** Objects for which an index gave `value`. The index must have been added. */
  by(index: string, value: string): readonly T[]
  /** Adds an index; the same name twice is the same index. */
  index(name: string, values: (object: T) => readonly string[]): void
  /** Called for every object that is there already (`old` undefined), then for every change; `object` undefined: deleted. */
  on(handler: (object: T | undefined, old: T | undefined) => void): Disposable
}

/** One informer for each resource and scope, shared by everyone who asks. */
export interface Informers extends AsyncDisposable {
  get<T extends KubeObject>(resource: ResourceRef<T>, options?: InformerOptions): Informer<T>
  /** Ends the watch of a kind that is no longer served. */
  drop(resource: ResourceRef, options?: InformerOptions): void
}

export interface InformerOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** Only metadata is asked for; where whole objects are watched anyway, those are shared. */
  metadataOnly?: boolean
}
