export interface Verdict {
  readonly name: string
  readonly found: number
  readonly limit: number
  readonly worse: boolean
}

/** What must not grow: the places that were found for each name, against how many there may be (none, where nothing is said). */
export function compareCounts(found: Readonly<Record<string, readonly string[]>>, limits: Readonly<Record<string, number>>): Verdict[] {
  return Object.entries(found).map(([name, { length }]) => ({ name, found: length, limit: limits[name] ?? 0, worse: length > (limits[name] ?? 0) }))
}

/** What must not shrink, in whole percent: one step that wobbles in a thousand decides nothing. Only what was measured is looked at. */
export function comparePercents(found: Readonly<Record<string, number>>, limits: Readonly<Record<string, number>>): Verdict[] {
  return Object.entries(found).map(([name, percent]) => ({ name, found: Math.floor(percent), limit: limits[name] ?? 0, worse: Math.floor(percent) < (limits[name] ?? 0) }))
}

/** Names that passed once and do not any more. */
export const lostNames = (passing: readonly string[], expected: readonly string[]): string[] => expected.filter((name) => !passing.includes(name))

/** The limits after what was found, where that is better. */
export function tighten(limits: Readonly<Record<string, number>>, verdicts: readonly Verdict[]): Record<string, number> {
  const tightened = { ...limits }
  for (const { name, found, worse } of verdicts) if (!worse || limits[name] === undefined) tightened[name] = found
  return tightened
}
