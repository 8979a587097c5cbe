import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { counterFamily, histogramFamily } from '#component-base/series'
import type { Operation } from '../plugin'

/** How a call ended. `calling`: the webhook could not be asked or answered nonsense; `internal`: a fault of the server. */
export interface CallEnd {
  readonly rejected: boolean
  readonly code: number
  readonly failure?: 'calling' | 'internal'
  readonly canceled?: boolean
}

export interface WebhookMetrics {
  /** Begins a call of a webhook; what comes back is told how it ended. */
  call(name: string, type: 'admit' | 'validating', operation: Operation): (end: CallEnd) => void
}

const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]
const errorTypes = { calling: 'calling_webhook_error', internal: 'apiserver_internal_error', none: 'no_error' } as const

export function webhookMetrics(metrics: Metrics, clock: Clock): WebhookMetrics {
  const seconds = histogramFamily('apiserver_admission_webhook_admission_duration_seconds', 'Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).', bounds, ['name', 'operation', 'rejected', 'type'])
  const total = counterFamily('apiserver_admission_webhook_request_total', 'Admission webhook request total, identified by name and broken out for each admission type (validating or mutating) and operation. Additional labels specify whether the request was rejected or not and an HTTP status code. Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.', ['code', 'name', 'operation', 'rejected', 'type'])
  const rejections = counterFamily('apiserver_admission_webhook_rejection_count', 'Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify an error type (calling_webhook_error or apiserver_internal_error if an error occurred; no_error otherwise) and optionally a non-zero rejection code if the webhook rejects the request with an HTTP status code (honored by the apiserver when the code is greater or equal to 400). Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.', ['error_type', 'name', 'operation', 'rejection_code', 'type'])
  const failOpen = counterFamily('apiserver_admission_webhook_fail_open_count', 'Admission webhook fail open count, identified by name and broken out for each admission type (validating or mutating).', ['name', 'type'])
  metrics.source(() => seconds.text() + total.text() + rejections.text() + failOpen.text())
  return {
    call(name, type, operation) {
      const started = clock.monotonic()
      return ({ rejected, code, failure, canceled = false }) => {
        const known = String(Math.min(code, 600))
        seconds.of(name, operation, String(rejected), type).observe((clock.monotonic() - started) / 1000)
        total.of(known, name, operation, String(rejected), type).value++
        // Whoever went away himself says nothing about the webhook.
        if (canceled) return
        if (rejected) rejections.of(errorTypes[failure ?? 'none'], name, operation, known, type).value++
        else if (failure === 'calling') failOpen.of(name, type).value++
      }
    },
  }
}
