import type { Time } from '#apimachinery/meta/v1/scalars'

/** What conditions of pods, nodes, deployments, jobs and others have in common. */
export interface AnyCondition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: Time
}

export function findCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, type: C['type']): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function isConditionTrue(conditions: readonly AnyCondition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/**
 * The list with a condition in place of the one of its type, or behind the others. A condition whose status stays keeps the
 * time at which it came to that status. Returns the very list when nothing changed.
 */
export function withCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, condition: C): readonly C[] {
  const list = conditions ?? []
  const at = list.findIndex((c) => c.type === condition.type)
  const before = list[at]
  if (!before) return [...list, condition]
  const after = before.status === condition.status && before.lastTransitionTime !== undefined ? { ...condition, lastTransitionTime: before.lastTransitionTime } : condition
  return same(before, after) ? list : list.map((c, i) => (i === at ? after : c))
}

export const withoutCondition = <C extends AnyCondition>(conditions: readonly C[] | undefined, type: C['type']): C[] => (conditions ?? []).filter((c) => c.type !== type)

/**
 * As ReplicaSets and Deployments set theirs: the same status for the same reason is left alone, whatever the message or
 * the time of its update says, and a replaced condition moves to the end.
 */
export function withWorkloadCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, condition: C): C[] {
  const list = conditions ?? []
  const before = findCondition(list, condition.type)
  if (before && before.status === condition.status && (before.reason ?? '') === (condition.reason ?? '')) return [...list]
  const kept = before?.status === condition.status ? { ...condition, lastTransitionTime: before.lastTransitionTime } : condition
  return [...withoutCondition(list, condition.type), kept]
}

function same(a: object, b: object): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...keys].every((key) => left[key] === right[key])
}
