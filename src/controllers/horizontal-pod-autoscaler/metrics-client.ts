import type { CrossVersionObjectReference, MetricIdentifier } from '#api/autoscaling/v2/types'
import type { Time } from '#apimachinery/meta/v1/scalars'
import { messageOf } from '#base/error-message'
import { quantityMilliValue } from '#apimachinery/quantity'
import { formatLabelSelector, selectorOfObject } from '#apimachinery/selectors/label-selector'
import type { Client } from '#client/client'
import { parseDuration } from '#component-base/options/duration'
import type { Discovered } from '#controller-runtime/discovery'
import type { PodMetric } from './replica-calculator'

/** What is measured, in thousandths, from the APIs that metrics servers add: metrics.k8s.io, custom.metrics.k8s.io, external.metrics.k8s.io. */
export interface MetricsClient {
  ofPods(resource: string, namespace: string, selector: string, container?: string): Promise<Map<string, PodMetric>>
  customOfPods(metric: MetricIdentifier, namespace: string, selector: string): Promise<Map<string, PodMetric>>
  ofObject(metric: MetricIdentifier, namespace: string, object: CrossVersionObjectReference): Promise<number>
  external(metric: MetricIdentifier, namespace: string): Promise<number>
}

interface PodMetrics {
  metadata: { name: string }
  timestamp: Time
  /** Go's way: `30s`, `1m0s`. */
  window: string
  containers: { name: string; usage: Record<string, string> }[]
}
interface MetricValue {
  describedObject: { name: string }
  timestamp: Time
  windowSeconds?: number
  value: string
}

const defaultWindowMs = 60_000

export function createMetricsClient({ transport }: Client, find: (reference: CrossVersionObjectReference) => Promise<Discovered>): MetricsClient {
  /** Items of a metrics API; an answer without any is as good as none. */
  async function ask<T>(api: 'resource' | 'custom' | 'external', path: string, query: Record<string, string>): Promise<T[]> {
    let items: T[]
    try {
      items = ((await transport.request({ method: 'GET', path, query })).body as { items?: T[] }).items ?? []
    } catch (error) {
      throw new Error(`unable to fetch metrics from ${api} metrics API: ${messageOf(error)}`, { cause: error })
    }
    if (items.length === 0) throw new Error(`no metrics returned from ${api} metrics API`)
    return items
  }
  const custom = '/apis/custom.metrics.k8s.io/v1beta2'
  const metricQuery = ({ selector }: MetricIdentifier): Record<string, string> => (selector ? { metricLabelSelector: formatLabelSelector(selectorOfObject(selector)) } : {})

  return {
    async ofPods(resource, namespace, selector, container) {
      const items = await ask<PodMetrics>('resource', `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`, { labelSelector: selector })
      const found = new Map<string, PodMetric>()
      for (const { metadata, timestamp, window, containers } of items) {
        const used = (container === undefined ? containers : containers.filter(({ name }) => name === container)).map(({ usage }) => usage[resource])
        // Half a pod's usage is worse than none.
        if (used.length === 0 || used.includes(undefined)) continue
        const value = used.reduce((sum, one) => sum + quantityMilliValue(one!), 0)
        found.set(metadata.name, { value, at: Date.parse(timestamp), windowMs: parseDuration(window) ?? defaultWindowMs })
      }
      return found
    },
    async customOfPods(metric, namespace, selector) {
      const items = await ask<MetricValue>('custom', `${custom}/namespaces/${namespace}/pods/*/${metric.name}`, { labelSelector: selector, ...metricQuery(metric) })
      return new Map(items.map(({ describedObject, timestamp, windowSeconds, value }) => [
        describedObject.name, { value: quantityMilliValue(value), at: Date.parse(timestamp), windowMs: windowSeconds === undefined ? defaultWindowMs : windowSeconds * 1000 },
      ]))
    },
    async ofObject(metric, namespace, object) {
      const { group, resource } = await find(object)
      const path = group === '' && resource === 'namespaces' ? `${custom}/namespaces/${namespace}/metrics/${metric.name}` : `${custom}/namespaces/${namespace}/${group ? `${resource}.${group}` : resource}/${object.name}/${metric.name}`
      const [item] = await ask<MetricValue>('custom', path, metricQuery(metric))
      return quantityMilliValue(item!.value)
    },
    async external(metric, namespace) {
      const query = metric.selector ? { labelSelector: formatLabelSelector(selectorOfObject(metric.selector)) } : {}
      const items = await ask<{ value: string }>('external', `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${metric.name}`, query as Record<string, string>)
      return items.reduce((sum, { value }) => sum + quantityMilliValue(value), 0)
    },
  }
}
