import { counterFamily, gaugeFamily } from '#component-base/series'
import type { RootEndpoint } from './root'

/** What probes found, one check at a time: `/metrics/slis`, scraped more often than the rest. */
export interface Slis {
  /** @param type `healthz`, `livez`, `readyz`. */
  observe(name: string, type: string, ok: boolean): void
  readonly endpoint: RootEndpoint
}

export function createSlis(): Slis {
  const last = gaugeFamily('kubernetes_healthcheck', '[STABLE] This metric records the result of a single healthcheck.', ['name', 'type'])
  const total = counterFamily('kubernetes_healthchecks_total', '[STABLE] This metric records the results of all healthcheck.', ['name', 'type', 'status'])
  return {
    observe(name, type, ok) {
      last.of(name, type).value = ok ? 1 : 0
      total.of(name, type, ok ? 'success' : 'error').value++
    },
    endpoint: {
      path: '/metrics/slis',
      serve: () => ({ sort: 'bytes', code: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8', bytes: last.text() + total.text() }),
    },
  }
}
