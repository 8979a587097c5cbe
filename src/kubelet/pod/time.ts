import type { Time } from '#apimachinery/meta/v1/scalars'

/** RFC 3339 with whole seconds, as statuses carry it; undefined for 0, which stands for "not yet". */
export function toTime(ms: number): Time | undefined {
  return ms > 0 ? `${new Date(ms).toISOString().slice(0, 19)}Z` : undefined
}

/** RFC 3339 with six decimals, as leases and events carry it. */
export function toMicroTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`
}

/** Go's way to write a duration of whole seconds: `1m20s`, `10s`, `5m0s`. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const h = Math.floor(seconds / 3600)
  const m = Math.floor((seconds % 3600) / 60)
  const s = seconds % 60
  return h > 0 ? `${h}h${m}m${s}s` : m > 0 ? `${m}m${s}s` : `${s}s`
}
