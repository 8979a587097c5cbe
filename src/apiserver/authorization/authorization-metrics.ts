import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { type CounterSeries, counterFamily, histogramFamily, type HistogramSeries } from '#component-base/series'
import type { Authorizer, Decision } from './authorizer'

export interface AuthorizationMetrics {
  webhookAsked(name: string, result: string, seconds: number): void
  webhookFailedOpen(name: string, result: string): void
  conditionsEvaluated(name: string, seconds: number): void
  conditionsExcluded(name: string): void
  conditionsFailed(name: string): void
  /** The same authorizer, its decisions counted. */
  counted<A extends Authorizer>(type: string, name: string, authorizer: A): A
}

const webhookBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const conditionBuckets = [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25]

export function authorizationMetrics(metrics: Metrics): AuthorizationMetrics {
  const prefix = 'apiserver_authorization'
  const webhooks = metrics.counter(`${prefix}_webhook_evaluations_total`, 'Round-trips to authorization webhooks.', ['name', 'result'])
  const seconds = metrics.histogram(`${prefix}_webhook_duration_seconds`, 'Request latency in seconds.', webhookBuckets, ['name', 'result'])
  const open = metrics.counter(`${prefix}_webhook_evaluations_fail_open_total`, 'NoOpinion results due to webhook timeout or error.', ['name', 'result'])
  const errors = metrics.counter(`${prefix}_match_condition_evaluation_errors_total`, 'Total number of errors when an authorization webhook encounters a match condition error split by authorizer type and name.', ['type', 'name'])
  const exclusions = metrics.counter(`${prefix}_match_condition_exclusions_total`, 'Total number of exclusions when an authorization webhook is skipped because match conditions exclude it.', ['type', 'name'])
  const evaluations = metrics.histogram(`${prefix}_match_condition_evaluation_seconds`, 'Authorization match condition evaluation time in seconds, split by authorizer type and name.', conditionBuckets, ['type', 'name'])
  const decisions = counterFamily(`${prefix}_decisions_total`, 'Total number of terminal decisions made by an authorizer split by authorizer type, name, and decision.', ['type', 'name', 'decision'])
  metrics.source(decisions.text)
  return {
    webhookAsked(name, result, took) {
      webhooks.use((counter) => counter.inc({ name, result }))
      seconds.use((histogram) => histogram.observe({ name, result }, took))
    },
    webhookFailedOpen: (name, result) => open.use((counter) => counter.inc({ name, result })),
    conditionsEvaluated: (name, took) => evaluations.use((histogram) => histogram.observe({ type: 'Webhook', name }, took)),
    conditionsExcluded: (name) => exclusions.use((counter) => counter.inc({ type: 'Webhook', name })),
    conditionsFailed: (name) => errors.use((counter) => counter.inc({ type: 'Webhook', name })),
    counted(type, name, authorizer) {
      // Looked up once, at the first decision: this runs with each request.
      let allowed: CounterSeries | undefined
      let denied: CounterSeries | undefined
      const note = (decision: Decision): Decision => {
        if (decision.verdict === 'allow') (allowed ??= decisions.of(type, name, 'allowed')).value++
        else if (decision.verdict === 'deny') (denied ??= decisions.of(type, name, 'denied')).value++
        return decision
      }
      return {
        ...authorizer,
        authorize(attributes: Parameters<Authorizer['authorize']>[0]) {
          const decision = authorizer.authorize(attributes)
          return decision instanceof Promise ? decision.then(note) : note(decision)
        },
      }
    },
  }
}

type Outcome = 'allowed' | 'denied' | 'no-opinion' | 'error'
const requestBuckets = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i)

/** The same, with each request's decision counted and timed. Series are looked up once: this runs with each request. */
export function countedDecisions(authorizer: Authorizer, metrics: Metrics, clock: Pick<Clock, 'monotonic'>): Authorizer {
  const attempts = counterFamily('authorization_attempts_total', "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.", ['result'])
  const seconds = histogramFamily('authorization_duration_seconds', 'Authorization duration in seconds broken out by result.', requestBuckets, ['result'])
  metrics.source(() => attempts.text() + seconds.text())
  const outcomes = new Map<Outcome, { readonly attempts: CounterSeries; readonly seconds: HistogramSeries }>()
  const note = (decision: Decision, start: number): Decision => {
    const result = decision.verdict === 'allow' ? 'allowed' : decision.error !== undefined ? 'error' : decision.verdict === 'deny' ? 'denied' : 'no-opinion'
    let counted = outcomes.get(result)
    if (!counted) outcomes.set(result, (counted = { attempts: attempts.of(result), seconds: seconds.of(result) }))
    counted.attempts.value++
    counted.seconds.observe((clock.monotonic() - start) / 1000)
    return decision
  }
  return {
    authorize(attributes) {
      const start = clock.monotonic()
      const decision = authorizer.authorize(attributes)
      return decision instanceof Promise ? decision.then((made) => note(made, start)) : note(decision, start)
    },
  }
}
