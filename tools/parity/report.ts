/** What one run of the comparison says, as its `--json` prints it; of each area the part that we read. */
export interface Report {
  readonly areas: readonly { readonly area: string; readonly steps: number; readonly matched: number }[]
  /** Why it ended early. */
  readonly stopped?: string
  readonly summary: string
}

/** @throws Error where the run ended early: its figures say nothing then. */
export function percents(report: Report): Record<string, number> {
  if (report.stopped !== undefined) throw new Error(`the comparison ended early: ${report.stopped}`)
  return Object.fromEntries(report.areas.filter(({ steps }) => steps > 0).map(({ area, steps, matched }) => [area, (100 * matched) / steps]))
}
