/** Columns as wide as their widest cell, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Three digits that count: 1,234 or 12.3 or 0.123. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (value < 0) return `-${number(-value)}`
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(value >= 1 ? 3 : 2).replace(/\.0+$/, '')
}

/** Microseconds as people read them. */
export function time(us: number): string {
  if (us >= 100_000) return `${number(us / 1e6)} s`
  return us >= 2000 ? `${number(us / 1000)} ms` : `${number(us)} us`
}

export const megabytes = (bytes: number): string => `${number(bytes / 2 ** 20)} MB`

/** Whether a goal is met; empty where sizes are too small to tell. */
export const verdict = (met: boolean, counts: boolean): string => (counts ? (met ? 'met' : 'MISSED') : '')
