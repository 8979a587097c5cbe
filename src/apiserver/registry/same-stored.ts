import { sameButTimes } from '#apimachinery/apply/times'
import type { CacheEntry } from '../cache/entry'
import { managedFieldsText, sameBesideManagers } from '../encoding/stored-form'

/** Whether a write would change nothing: the same object, and managed fields that differ in their times at most. `bytes` are the new form. */
export function sameStored(managedFields: string, bytes: Uint8Array, entry: CacheEntry): boolean {
  return sameBesideManagers(bytes, entry.bytes) && sameButTimes(managedFieldsText(entry.bytes) ?? '', managedFields)
}
