import { sameButTimes } from '#apimachinery/apply/times'
import type { KubeObject } from '#apimachinery/object'
import type { CacheEntry } from '../cache/entry'
import { encodeStored, managedFieldsText } from '../encoding/stored-form'

/** Whether a write would change nothing: the same object, and managed fields that differ in their times at most. */
export function sameStored(object: KubeObject, managedFields: string, entry: CacheEntry): boolean {
  const live = managedFieldsText(entry.bytes) ?? ''
  if (live !== managedFields && !sameButTimes(live, managedFields)) return false
  const bytes = encodeStored(object, live === '' ? undefined : live)
  return Buffer.compare(bytes, entry.bytes) === 0
}
