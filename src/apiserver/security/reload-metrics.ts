import type { Metrics } from '#component-base/metrics'
import { hashOf } from './structured-config'

/** Tells how reloads of a configuration file went: `apiserver_authentication_config_controller_*`, `apiserver_authorization_config_controller_*`. */
export interface ReloadMetrics {
  /** What holds now. */
  holds(content: string): void
  reloaded(ok: boolean, now: number): void
}

/** @param server Several servers' metrics are told apart by a hash of who they are. */
export function reloadMetrics(metrics: Metrics | undefined, what: 'authentication' | 'authorization', server: string): ReloadMetrics {
  if (!metrics) return { holds() {}, reloaded() {} }
  const subject = `apiserver_${what}_config_controller`
  const id = hashOf(server)
  const total = metrics.counter(`${subject}_automatic_reloads_total`, `Total number of automatic reloads of ${what} configuration split by status and apiserver identity.`, ['status', 'apiserver_id_hash'])
  const last = metrics.gauge(
    `${subject}_automatic_reload_last_timestamp_seconds`, `Timestamp of the last automatic reload of ${what} configuration split by status and apiserver identity.`, ['status', 'apiserver_id_hash'],
  )
  const info = metrics.gauge(`${subject}_last_config_info`, `Information about the last applied ${what} configuration with hash as label, split by apiserver identity.`, ['apiserver_id_hash', 'hash'])
  return {
    holds(content) {
      info.use((gauge) => {
        gauge.reset()
        gauge.set({ apiserver_id_hash: id, hash: hashOf(content) }, 1)
      })
    },
    reloaded(ok, now) {
      const labels = { status: ok ? 'success' : 'failure', apiserver_id_hash: id }
      total.use((counter) => counter.inc(labels))
      last.use((gauge) => gauge.set(labels, now / 1000))
    },
  }
}
