/** What was found out about the host, in words that a person can act on. */
export interface Finding {
  /** `fail`: a node cannot run here until the remedy is taken. `warn`: it runs, with less. */
  readonly verdict: 'ok' | 'warn' | 'fail'
  /** What was looked at: `containerd`. */
  readonly what: string
  /** What was seen: `1.6.20 at /usr/bin/containerd`, `not found on PATH`. */
  readonly seen: string
  /** What to do about it. */
  readonly remedy?: string
  /** Debian packages that mend it: `navarch up --install` installs them. */
  readonly packages?: readonly string[]
}

export const ok = (what: string, seen: string): Finding => ({ verdict: 'ok', what, seen })
export const warn = (what: string, seen: string, remedy: string): Finding => ({ verdict: 'warn', what, seen, remedy })
export const fail = (what: string, seen: string, remedy: string, packages?: readonly string[]): Finding => ({
  verdict: 'fail',
  what,
  seen,
  remedy,
  ...(packages ? { packages } : {}),
})
