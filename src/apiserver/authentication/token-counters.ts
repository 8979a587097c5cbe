import type { Metrics } from '#component-base/metrics'

/** Counts what sorts of service account tokens are used, so that people see when the old ones can go. */
export interface TokenCounters {
  /** A token without an audience. */
  legacyToken(): void
  autoToken(): void
  manualToken(): void
  invalidatedAutoToken(): void
  /** A pod's token that lives longer than its kubelet thinks. `stale`: its kubelet should have renewed it. */
  boundToken(stale: boolean): void
}

export function createTokenCounters(metrics: Metrics): TokenCounters {
  const counter = (name: string, help: string): (() => void) => {
    const slot = metrics.counter(`serviceaccount_${name}_total`, help)
    return () => slot.use((metric) => metric.inc())
  }
  const stale = counter('stale_tokens', 'Cumulative stale projected service account tokens used')
  const valid = counter('valid_tokens', 'Cumulative valid projected service account tokens used')
  return {
    legacyToken: counter('legacy_tokens', 'Cumulative legacy service account tokens used'),
    autoToken: counter('legacy_auto_token_uses', 'Cumulative auto-generated legacy tokens used'),
    manualToken: counter('legacy_manual_token_uses', 'Cumulative manually created legacy tokens used'),
    invalidatedAutoToken: counter('invalid_legacy_auto_token_uses', 'Cumulative invalid auto-generated legacy tokens used'),
    boundToken: (isStale) => (isStale ? stale() : valid()),
  }
}
