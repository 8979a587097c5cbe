import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { counterFamily, histogramFamily } from '#component-base/series'

/** What was wrong with a call: in which of its steps the original counts it. */
export type ConversionFailure = '' | 'conversion_webhook_call_failure' | 'conversion_webhook_malformed_response_failure' | 'conversion_webhook_partial_response_failure' | 'conversion_webhook_invalid_converted_object_failure'

export interface ConversionMetrics {
  /** Begins a call; what comes back is told how it ended. */
  call(definition: string, from: string, to: string): (failure: ConversionFailure) => void
}

const latencies = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i)
const durations = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45, 60]

export function conversionMetrics(metrics: Metrics, clock: Clock): ConversionMetrics {
  const total = counterFamily('apiserver_conversion_webhook_request_total', 'Counter for conversion webhook requests with success/failure and failure error type', ['failure_type', 'result'])
  const seconds = histogramFamily('apiserver_conversion_webhook_duration_seconds', 'Conversion webhook request latency', durations, ['failure_type', 'result'])
  const byDefinition = histogramFamily('apiserver_crd_conversion_webhook_duration_seconds', 'CRD webhook conversion duration in seconds', latencies, ['crd_name', 'from_version', 'succeeded', 'to_version'])
  metrics.source(() => total.text() + seconds.text() + byDefinition.text())
  return {
    call(definition, from, to) {
      const started = clock.monotonic()
      return (failure) => {
        const took = (clock.monotonic() - started) / 1000
        const result = failure === '' ? 'success' : 'failure'
        total.of(failure, result).value++
        seconds.of(failure, result).observe(took)
        byDefinition.of(definition, from, String(failure === ''), to).observe(took)
      }
    },
  }
}
