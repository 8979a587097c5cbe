import { sameButTimes } from '#apimachinery/apply/times'
import { sameBesideManagers } from '../encoding/stored-form'

/** An object as it rests, and its managed fields apart. */
export interface Resting {
  readonly bytes: Uint8Array
  readonly managedFields: string
}

/** Whether a write would change nothing: the same object, and managed fields that differ in their times at most. */
export function sameStored(now: Resting, before: Resting): boolean {
  return sameBesideManagers(now.bytes, before.bytes) && sameButTimes(before.managedFields, now.managedFields)
}
