import type { ObjectMeta } from '#apimachinery/meta/v1/types'

/** What every API object has. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** An object of a kind that is not known at build time. */
export interface Unstructured extends KubeObject {
  [field: string]: unknown
}

/** `T` as a client may write it: what the server fills in may be left out, at any depth. */
export type Input<T> = T extends readonly (infer Item)[] ? Input<Item>[] : T extends object ? { [K in keyof T]?: Input<T[K]> } : T

export interface ObjectList<T extends KubeObject = KubeObject> {
  apiVersion: string
  kind: string
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
  items: readonly T[]
}

export interface NamespacedName {
  /** Absent for objects of the cluster. */
  namespace?: string
  name: string
}

/** `namespace/name`, or `name` for objects of the cluster: how caches and queues name an object. */
export type ObjectKey = string

export function keyOf(object: { metadata: { namespace?: string; name: string } }): ObjectKey {
  const { namespace, name } = object.metadata
  return namespace ? `${namespace}/${name}` : name
}

export function splitKey(key: ObjectKey): NamespacedName {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
