import type { ManagedFieldsText } from './contract'

const time = /"time":"[^"]*",/g

/** True when two texts differ in the times of their entries only: later, earlier, or missing. */
export function sameButTimes(before: ManagedFieldsText, after: ManagedFieldsText): boolean {
  return before === after || before.replace(time, '') === after.replace(time, '')
}
