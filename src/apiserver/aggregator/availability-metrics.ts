import type { APIService, APIServiceCondition } from '#api/apiregistration/v1/types'
import type { Metrics } from '#component-base/metrics'
import { counterFamily, gaugeFamily } from '#component-base/series'

/** Told of each change of conditions. */
export type CountAvailability = (before: APIService, conditions: readonly APIServiceCondition[]) => void

const available = (conditions: readonly APIServiceCondition[] | undefined): APIServiceCondition | undefined => conditions?.find(({ type }) => type === 'Available')

/** Which APIServices are out of order now, by what their status says, and how often they fell out of it. */
export function availabilityMetrics(metrics: Metrics, all: () => Iterable<APIService>): CountAvailability {
  const total = counterFamily('aggregator_unavailable_apiservice_total', 'Counter of APIServices which are marked as unavailable broken down by APIService name and reason.', ['name', 'reason'])
  metrics.source(() => {
    const now = gaugeFamily('aggregator_unavailable_apiservice', 'Gauge of APIServices which are marked as unavailable broken down by APIService name.', ['name'])
    for (const { metadata, status } of all()) now.of(metadata.name).value = available(status?.conditions)?.status === 'True' ? 0 : 1
    return now.text() + total.text()
  })
  return ({ metadata, status }, conditions) => {
    const found = available(conditions)
    if (available(status?.conditions)?.status === 'True' && found?.status !== 'True') total.of(metadata.name, found?.reason ?? 'UnknownReason').value++
  }
}
