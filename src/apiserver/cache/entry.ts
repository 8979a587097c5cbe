import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import { decodeStored, type Parts } from '../encoding/stored-form'

/** One object at one revision, as the cache keeps it: the stored bytes, and what has been read out of them so far. */
export interface CacheEntry {
  readonly namespace: string
  readonly name: string
  /** A deletion's last form carries the revision of the deletion. */
  readonly revision: number
  readonly bytes: Uint8Array
  /**
   * Storage version, deeply frozen, without managed fields. Read it with `objectOf`. Held weakly: while informers in this process
   * have it, all share the one copy; otherwise it goes with the next collection of garbage, and the bytes stay.
   */
  object: WeakRef<KubeObject> | undefined
  /** Read them with `labelsOf` and `fieldsOf`; they outlive `object`. */
  labels: Readonly<Record<string, string>> | undefined
  fields: readonly string[] | undefined
  /** Of bytes that were written by this process. */
  readonly parts: Parts | undefined
}

const noLabels: Readonly<Record<string, string>> = Object.freeze({})

export function cacheEntry(namespace: string, name: string, revision: number, bytes: Uint8Array, object?: KubeObject, parts?: Parts): CacheEntry {
  return { namespace, name, revision, bytes, object: object && new WeakRef(object), labels: object ? (object.metadata.labels ?? noLabels) : undefined, fields: undefined, parts }
}

const otherwise = new WeakSet<CacheEntry>()

/** What rests in the store is not what it is read as: it is in an older version, or as an older schema had it. A write that changes nothing mends that. */
export function markRestsOtherwise(entry: CacheEntry): CacheEntry {
  otherwise.add(entry)
  return entry
}
export const restsOtherwise = (entry: CacheEntry): boolean => otherwise.has(entry)

/** The same object under another revision, as a deletion reports it. */
export function atRevision({ namespace, name, bytes, object, labels, fields, parts }: CacheEntry, revision: number): CacheEntry {
  const known = object?.deref()
  const moved = known && freeze({ ...known, metadata: { ...known.metadata, resourceVersion: String(revision) } })
  return { namespace, name, revision, bytes, object: moved && new WeakRef(moved), labels, fields, parts }
}

export function objectOf(resource: Resource, entry: CacheEntry): KubeObject {
  const known = entry.object?.deref()
  if (known) return known
  const object = freeze(decodeStored(resource, entry.bytes, entry.revision, false))
  entry.object = new WeakRef(object)
  return object
}

export function labelsOf(resource: Resource, entry: CacheEntry): Readonly<Record<string, string>> {
  return (entry.labels ??= objectOf(resource, entry).metadata.labels ?? noLabels)
}

/** Values in the order of `Object.keys(resource.selectableFields)`. */
export function fieldsOf(resource: Resource, entry: CacheEntry): readonly string[] {
  if (entry.fields) return entry.fields
  const values: string[] = []
  const readers = resource.selectableFields
  if (readers) {
    const object = objectOf(resource, entry)
    for (const name in readers) values.push(readers[name]!(object as never))
  }
  return (entry.fields = values)
}

/** Freezes what is not frozen yet; a frozen part is frozen all the way down, since only this function freezes here. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) freeze(value[i])
  else for (const key in value) freeze(value[key])
  return value
}
