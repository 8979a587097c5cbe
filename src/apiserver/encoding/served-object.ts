import type { ManagedFieldsEntry } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { freeze, objectOf, type CacheEntry } from '../cache/entry'
import type { Kind } from '../kinds'
import { managedFieldsText } from './stored-form'

/** An entry as its kind serves it, frozen, without managed fields: what in-process clients share. */
const converted = new WeakMap<CacheEntry, Map<Kind, KubeObject>>()

export function servedObject(kind: Kind, entry: CacheEntry): KubeObject {
  const stored = objectOf(kind.resource, entry)
  if (kind.isStorage) return stored
  let known = converted.get(entry)
  if (!known) converted.set(entry, (known = new Map()))
  let object = known.get(kind)
  if (!object) known.set(kind, (object = freeze(kind.served.fromStorage?.(stored) ?? { ...stored, apiVersion: kind.apiVersion })))
  return object
}

export function managedFieldsOf(entry: CacheEntry): ManagedFieldsEntry[] | undefined {
  const text = managedFieldsText(entry.bytes)
  return text === undefined ? undefined : (JSON.parse(text) as ManagedFieldsEntry[])
}

/** With managed fields, as clients beyond the process read it. A new object whose parts are shared. */
export function wholeObject(kind: Kind, entry: CacheEntry): KubeObject {
  const object = servedObject(kind, entry)
  const managedFields = managedFieldsOf(entry)
  if (!managedFields) return object
  // What it is comes first, whoever's copy this is.
  const what: Partial<KubeObject> = { kind: object.kind, apiVersion: object.apiVersion }
  return { ...what, ...object, metadata: { ...object.metadata, managedFields } }
}
