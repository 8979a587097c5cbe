/**
 * What changed, in the manner of a unified diff with three lines of context, for people to read in a refusal. The original prints
 * its own internal structures here; these are the fields as clients know them.
 */
export function specDifference(old: unknown, now: unknown): string {
  const before = JSON.stringify(old, null, 1).split('\n')
  const after = JSON.stringify(now, null, 1).split('\n')
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const from = Math.max(0, start - 3)
  const tail = Math.min(3, end)
  const context = (lines: readonly string[], a: number, b: number): string[] => lines.slice(a, b).map((line) => ` ${line}`)
  return [
    `@@ -${from + 1},${before.length - end + tail - from} +${from + 1},${after.length - end + tail - from} @@`,
    ...context(before, from, start),
    ...before.slice(start, before.length - end).map((line) => `-${line}`),
    ...after.slice(start, after.length - end).map((line) => `+${line}`),
    ...context(before, before.length - end, before.length - end + tail), '',
  ].join('\n')
}
