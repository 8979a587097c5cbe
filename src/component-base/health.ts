/** One thing that must hold for a component to be well. Throws, with a reason, when it does not. */
export interface HealthCheck {
  readonly name: string
  check(signal: AbortSignal): void | Promise<void>
}

export interface HealthReport {
  readonly ok: boolean
  /** What `/readyz?verbose` shows; with a failure it is shown unasked. */
  readonly text: string
}

/**
 * The checks behind `/healthz`, `/livez` and `/readyz`.
 * @param path `readyz`: part of the closing line.
 * @param observed Told of each check, with why it failed.
 * @param excluded From `?exclude=`; names that are not known are said so in the text, as the original does.
 */
export async function checkHealth(path: string, checks: readonly HealthCheck[], signal: AbortSignal, excluded: ReadonlySet<string> = new Set(), observed: (name: string, error?: unknown) => void = () => {}): Promise<HealthReport> {
  const lines: string[] = []
  let ok = true
  for (const { name, check } of checks) {
    if (excluded.has(name)) {
      lines.push(`[+]${name} excluded: ok`)
      continue
    }
    try {
      await check(signal)
      lines.push(`[+]${name} ok`)
      observed(name)
    } catch (error) {
      observed(name, error)
      // The reason may name what the caller may not see: it stays in the log of who made the check.
      lines.push(`[-]${name} failed: reason withheld`)
      ok = false
    }
  }
  const unknown = [...excluded].filter((name) => !checks.some((check) => check.name === name))
  if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(',')}`)
  lines.push(ok ? `${path} check passed` : `${path} check failed`)
  return { ok, text: `${lines.join('\n')}\n` }
}

/** A check that passes once something has settled: `whenDone('informer-sync', informers.synced)`. */
export function whenDone(name: string, promise: Promise<unknown>): HealthCheck {
  let state: 'waiting' | 'done' | Error = 'waiting'
  promise.then(
    () => (state = 'done'),
    (error: unknown) => (state = error instanceof Error ? error : new Error(String(error))),
  )
  return {
    name,
    check() {
      if (state instanceof Error) throw state
      if (state === 'waiting') throw new Error('not finished yet')
    },
  }
}
