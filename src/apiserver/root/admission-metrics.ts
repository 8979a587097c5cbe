import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { histogramFamily, type HistogramSeries } from '#component-base/series'
import type { AdmissionRequest, Operation } from '../admission/plugin'
import type { Admission } from '../registry/admission'

const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** Admission that measures its two steps. Single plugins are not measured: asking the clock for each would cost more than most of them do. */
export function measuredAdmission({ admit, validate }: Admission, metrics: Metrics, clock: Clock): Admission {
  const seconds = histogramFamily('apiserver_admission_step_admission_duration_seconds', 'Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).', bounds, ['type', 'operation', 'rejected'])
  metrics.source(() => seconds.text())

  const measure = (type: 'admit' | 'validate', step: Admission['admit']): Admission['admit'] => {
    const series = (rejected: boolean): Readonly<Record<Operation, HistogramSeries>> => ({
      CREATE: seconds.of(type, 'CREATE', String(rejected)), UPDATE: seconds.of(type, 'UPDATE', String(rejected)),
      DELETE: seconds.of(type, 'DELETE', String(rejected)), CONNECT: seconds.of(type, 'CONNECT', String(rejected)),
    })
    const [passed, refused] = [series(false), series(true)]
    return (request: AdmissionRequest): void | Promise<void> => {
      const started = clock.monotonic()
      const done = (of: typeof passed): void => of[request.operation].observe((clock.monotonic() - started) / 1000)
      const failed = (error: unknown): never => {
        done(refused)
        throw error
      }
      try {
        const waiting = step(request)
        if (waiting) return waiting.then(() => done(passed), failed)
        done(passed)
      } catch (error) {
        failed(error)
      }
    }
  }
  return { admit: measure('admit', admit), validate: measure('validate', validate) }
}
