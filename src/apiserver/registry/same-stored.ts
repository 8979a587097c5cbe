import { sameButTimes } from '#apimachinery/apply/times'
import type { KubeObject } from '#apimachinery/object'
import type { CacheEntry } from '../cache/entry'
import { encodeStored, managedFieldsText } from '../encoding/stored-form'

/** Whether a write would change nothing: the same object, and managed fields that differ in their times at most. `bytes` are the object's. */
export function sameStored(object: KubeObject, managedFields: string, bytes: Uint8Array, entry: CacheEntry): boolean {
  const live = managedFieldsText(entry.bytes) ?? ''
  if (live === managedFields) return Buffer.compare(bytes, entry.bytes) === 0
  if (!sameButTimes(live, managedFields)) return false
  return Buffer.compare(encodeStored(object, live === '' ? undefined : live), entry.bytes) === 0
}
