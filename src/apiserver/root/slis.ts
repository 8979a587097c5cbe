import { counterFamily, gaugeFamily } from '#component-base/series'
import { startHeader, textFormat } from './metrics'
import type { RootEndpoint } from './root'

/** What probes found, one check at a time: `/metrics/slis`, scraped more often than the rest. */
export interface Slis {
  /** @param type `healthz`, `livez`, `readyz`. */
  observe(name: string, type: string, ok: boolean): void
  readonly endpoint: RootEndpoint
}

export function createSlis(): Slis {
  let [last, total] = families()
  return {
    observe(name, type, ok) {
      last.of(name, type).value = ok ? 1 : 0
      total.of(name, type, ok ? 'success' : 'error').value++
    },
    endpoint: {
      path: '/metrics/slis',
      serve({ method }) {
        if (method !== 'DELETE') return { sort: 'bytes', code: 200, contentType: textFormat, bytes: last.text() + total.text(), headers: startHeader }
        ;[last, total] = families()
        return { sort: 'bytes', code: 200, contentType: 'text/plain; charset=utf-8', bytes: 'metrics reset\n' }
      },
    },
  }
}

const families = () => [
  gaugeFamily('kubernetes_healthcheck', '[STABLE] This metric records the result of a single healthcheck.', ['name', 'type']),
  counterFamily('kubernetes_healthchecks_total', '[STABLE] This metric records the results of all healthcheck.', ['name', 'type', 'status']),
] as const
