/** One line of a CRI log file: `2026-11-23T20:00:00.123456789Z stdout F text`. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, as the runtime wrote it. */
  time: string
  stream: 'stdout' | 'stderr'
  /** The text goes on in the next line of the file. */
  partial: boolean
  text: string
}

/** Undefined for what is no log line (a torn end of a file). */
export function parseLogLine(line: string): LogLine | undefined {
  const first = line.indexOf(' ')
  const second = line.indexOf(' ', first + 1)
  const third = line.indexOf(' ', second + 1)
  if (first < 0 || second < 0 || third < 0) return undefined
  const stream = line.slice(first + 1, second)
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  return { time: line.slice(0, first), stream, partial: line[second + 1] === 'P', text: line.slice(third + 1) }
}

/** As it is shown: a partial line carries no end of line of its own. */
export function shownText({ text, partial }: LogLine): string {
  return partial ? text : `${text}\n`
}
