/** What the conditions of all kinds have. */
export interface AnyCondition { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }

export const conditionOf = <C extends AnyCondition>(conditions: readonly C[] | undefined, type: string): C | undefined => conditions?.find((c) => c.type === type)

/**
 * The conditions with one replaced: kept as it stood where status and reason are the same, with the old transition time
 * where only the status is.
 */
export function withCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, condition: C): C[] {
  const before = conditionOf(conditions, condition.type)
  if (before && before.status === condition.status && before.reason === condition.reason) return [...conditions!]
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime
  return [...withoutCondition(conditions, condition.type), { ...condition, lastTransitionTime }]
}

export const withoutCondition = <C extends AnyCondition>(conditions: readonly C[] | undefined, type: string): C[] => (conditions ?? []).filter((c) => c.type !== type)
