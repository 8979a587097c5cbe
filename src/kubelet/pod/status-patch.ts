import type { PodStatus } from '#api/core/v1/types'
import { sameData } from '#base/clone'

/** Fields that are the kubelet's to write; what others keep in the status stays untouched. */
const fields = [
  'observedGeneration', 'phase', 'message', 'reason', 'hostIP', 'hostIPs', 'podIP', 'podIPs', 'startTime', 'qosClass',
  'initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses', 'resize', 'allocatedResources', 'resources',
] as const
/** Lists that a strategic merge would mix instead of replace. */
const merged: ReadonlySet<string> = new Set(['hostIPs', 'podIPs'])

/** A strategic merge patch from what the API has to what it should have; undefined when they agree. */
export function statusPatch(uid: string, current: PodStatus, wanted: PodStatus): object | undefined {
  const patch: Record<string, unknown> = {}
  for (const field of fields) {
    if (sameData(current[field], wanted[field])) continue
    const value = wanted[field]
    // Upstream never takes these back once they are known.
    if (value === undefined && (field === 'qosClass' || field === 'startTime')) continue
    patch[field] = value === undefined ? null : merged.has(field) ? [{ $patch: 'replace' }, ...(value as object[])] : value
  }
  const conditions = (wanted.conditions ?? []).filter((condition) => {
    const before = current.conditions?.find((one) => one.type === condition.type)
    return !before || !sameData(before, condition)
  }).map((condition) => {
    const before = current.conditions?.find((one) => one.type === condition.type)
    // A merge keeps what the new condition leaves out: say that it goes.
    return { ...(before?.reason && !condition.reason ? { reason: null } : {}), ...(before?.message && !condition.message ? { message: null } : {}), ...condition }
  })
  if (conditions.length > 0) patch['conditions'] = conditions
  return Object.keys(patch).length > 0 ? { metadata: { uid }, status: patch } : undefined
}
