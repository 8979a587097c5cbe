import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { hashOf } from '../../security/structured-config'
import type { KeySetEvents } from './key-set'

export interface OidcMetrics {
  authenticated(issuer: string, result: string, seconds: number): void
  keysOf(issuer: string): KeySetEvents
  /** Its metrics go with an issuer that is no longer asked. */
  forget(issuer: string): void
}

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** @param server Several servers' metrics are told apart by a hash of who they are. */
export function oidcMetrics(metrics: Metrics, server: string, clock: Pick<Clock, 'now'>): OidcMetrics {
  const prefix = 'apiserver_authentication_jwt_authenticator'
  const id = hashOf(server)
  const latency = metrics.histogram(
    `${prefix}_latency_seconds`, 'Latency of jwt authentication operations in seconds. This is the time spent authenticating a token for cache miss only (i.e. when the token is not found in the cache).',
    buckets, ['result', 'jwt_issuer_hash'],
  )
  const fetches = metrics.gauge(
    `${prefix}_jwks_fetch_last_timestamp_seconds`, 'Timestamp of the last successful or failed JWKS fetch split by result, api server identity and jwt issuer for the JWT authenticator.',
    ['result', 'jwt_issuer_hash', 'apiserver_id_hash'],
  )
  const info = metrics.gauge(
    `${prefix}_jwks_fetch_last_key_set_info`, 'Information about the last JWKS fetched by the JWT authenticator with hash as label, split by api server identity and jwt issuer.',
    ['jwt_issuer_hash', 'apiserver_id_hash', 'hash'],
  )
  const sets = new Map<string, string>()
  const labelsOf = (issuer: string) => ({ jwt_issuer_hash: hashOf(issuer), apiserver_id_hash: id })
  const dropInfo = (issuer: string): void => {
    const hash = sets.get(issuer)
    if (hash !== undefined) info.use((gauge) => gauge.remove({ ...labelsOf(issuer), hash }))
    sets.delete(issuer)
  }
  return {
    authenticated: (issuer, result, seconds) => latency.use((histogram) => histogram.observe({ result, jwt_issuer_hash: hashOf(issuer) }, seconds)),
    keysOf: (issuer) => ({
      fetched(text) {
        const hash = hashOf(text)
        fetches.use((gauge) => gauge.set({ result: 'success', ...labelsOf(issuer) }, clock.now() / 1000))
        if (sets.get(issuer) === hash) return
        dropInfo(issuer)
        sets.set(issuer, hash)
        info.use((gauge) => gauge.set({ ...labelsOf(issuer), hash }, 1))
      },
      failed: () => fetches.use((gauge) => gauge.set({ result: 'failure', ...labelsOf(issuer) }, clock.now() / 1000)),
    }),
    forget(issuer) {
      dropInfo(issuer)
      for (const result of ['success', 'failure']) fetches.use((gauge) => gauge.remove({ result, ...labelsOf(issuer) }))
    },
  }
}
