import type { Time } from '#apimachinery/meta/v1/scalars'
import { formatTime } from '#apimachinery/time'

/** RFC 3339 with whole seconds, as statuses carry it; undefined for 0, which stands for "not yet". */
export function toTime(ms: number): Time | undefined {
  return ms > 0 ? formatTime(ms) : undefined
}
