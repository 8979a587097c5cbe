import type { Metrics } from '#component-base/metrics'
import { counterFamily, gaugeFamily, histogramFamily } from '#component-base/series'
import type { Configuration, Level } from './levels'

type Texts = { text(): string }[]

/** What priority levels tell of themselves, under the original's names; put together when somebody looks. */
export function exposeFlowControl(metrics: Metrics, configuration: () => Configuration): void {
  metrics.source(() => {
    const levels = [...configuration().levels.values()]
    return [...seats(levels), ...requests(levels)].map((family) => family.text()).join('')
  })
}

function seats(levels: readonly Level[]): Texts {
  const gauge = (name: string, help: string, read: (level: Level) => number) => {
    const family = gaugeFamily(`apiserver_flowcontrol_${name}`, help, ['priority_level'])
    for (const level of levels) family.of(level.name).value = read(level)
    return family
  }
  return [
    gauge('nominal_limit_seats', 'Nominal number of execution seats configured for each priority level', ({ nominal }) => nominal),
    gauge('lower_limit_seats', 'Configured lower bound on number of execution seats available to each priority level', ({ lowest }) => lowest),
    gauge('upper_limit_seats', 'Configured upper bound on number of execution seats available to each priority level', ({ highest }) => highest),
    gauge('current_limit_seats', 'current derived number of execution seats available to each priority level', ({ current }) => current),
    gauge('request_concurrency_limit', 'Nominal number of execution seats configured for each priority level', ({ nominal }) => nominal),
    gauge('demand_seats_high_watermark', 'High watermark, over last adjustment period, of demand_seats', ({ highWatermark }) => highWatermark),
    gauge('demand_seats_smoothed', 'Smoothed seat demands', ({ smoothed }) => smoothed),
  ]
}

function requests(levels: readonly Level[]): Texts {
  const names = ['priority_level', 'flow_schema']
  const gauge = (name: string, help: string) => gaugeFamily(`apiserver_flowcontrol_${name}`, help, names)
  const executing = gauge('current_executing_requests', 'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem')
  const executingSeats = gauge('current_executing_seats', 'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem')
  const queued = gauge('current_inqueue_requests', 'Number of requests currently pending in queues of the API Priority and Fairness subsystem')
  const queuedSeats = gauge('current_inqueue_seats', 'Number of seats currently pending in queues of the API Priority and Fairness subsystem')
  const dispatched = counterFamily('apiserver_flowcontrol_dispatched_requests_total', 'Number of requests executed by API Priority and Fairness subsystem', names)
  const rejected = counterFamily('apiserver_flowcontrol_rejected_requests_total', 'Number of requests rejected by API Priority and Fairness subsystem', [...names, 'reason'])
  const waits = histogramFamily('apiserver_flowcontrol_request_wait_duration_seconds', 'Length of time a request spent waiting in its queue', waitBounds, [...names, 'execute'])
  for (const level of levels) {
    for (const [schema, counts] of level.counts) {
      dispatched.of(level.name, schema).value = counts.dispatched
      for (const gaugeOf of [executing, executingSeats, queued, queuedSeats]) gaugeOf.of(level.name, schema)
      const series = waits.of(level.name, schema, 'true')
      series.counts.set(counts.waits.counts)
      series.sum = counts.waits.sum
    }
    for (const { schema, seats: taken } of level.queues.executing) {
      executing.of(level.name, schema).value++
      executingSeats.of(level.name, schema).value += taken
    }
    for (const { waiting } of level.queues.allQueues) {
      for (const { schema, seats: wanted } of waiting) {
        queued.of(level.name, schema).value++
        queuedSeats.of(level.name, schema).value += wanted
      }
    }
    for (const [key, count] of level.rejected) rejected.of(level.name, ...key.split(' ')).value = count
  }
  return [executing, executingSeats, queued, queuedSeats, dispatched, rejected, waits]
}

export const waitBounds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]
