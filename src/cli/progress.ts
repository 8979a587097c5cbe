/** Tells a person what happens while it happens: one line a step, with the time it took. Goes to stderr. */
export interface Progress {
  /** Starts a step; the step before it is done. */
  step(text: string): void
  /** A line beside the steps. */
  note(text: string): void
  /** The last step is done. */
  done(): void
  /** The last step failed. */
  failed(): void
}

export function terminalProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const color = out.isTTY === true && process.env.NO_COLOR === undefined
  const paint = (code: number, text: string): string => (color ? `\u001B[${code}m${text}\u001B[0m` : text)
  let current: { text: string; since: number } | undefined
  const close = (mark: string): void => {
    if (!current) return
    const took = performance.now() - current.since
    const time = took < 1000 ? `${Math.round(took)} ms` : `${(took / 1000).toFixed(1)} s`
    // On a terminal the line of the step is overwritten; a log gets one line a step, when it is over.
    out.write(`${out.isTTY ? '\r\u001B[K' : ''} ${mark} ${current.text} ${paint(2, time)}\n`)
    current = undefined
  }
  return {
    step(text) {
      close(paint(32, '✓'))
      current = { text, since: performance.now() }
      if (out.isTTY) out.write(` ${paint(36, '…')} ${text}`)
    },
    note(text) {
      close(paint(32, '✓'))
      out.write(`   ${text}\n`)
    },
    done: () => close(paint(32, '✓')),
    failed: () => close(paint(31, '✗')),
  }
}
