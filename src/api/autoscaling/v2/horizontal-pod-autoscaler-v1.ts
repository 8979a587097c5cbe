// autoscaling/v1 knows the use of processors only. What it has no fields for travels in annotations, so that a client of v1 that
// reads and writes an object loses nothing of it.
import type { KubeObject } from '#apimachinery/object'
import type * as v1 from '#api/autoscaling/v1/types'
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from './types'

const prefix = 'autoscaling.alpha.kubernetes.io/'
const carried = ['metrics', 'current-metrics', 'behavior', 'conditions', 'scale-up-tolerance', 'scale-down-tolerance'].map((name) => prefix + name)

const isCpu = ({ type, resource }: MetricSpec): boolean => type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined

export function fromV2(object: HorizontalPodAutoscaler): KubeObject {
  const annotations = Object.fromEntries(Object.entries(object.metadata.annotations ?? {}).filter(([key]) => !carried.includes(key)))
  const { metrics = [], behavior, scaleTargetRef, minReplicas, maxReplicas } = object.spec
  const { currentMetrics, conditions, ...status } = object.status
  const others = metrics.filter((metric) => !isCpu(metric))
  if (others.length > 0) annotations[`${prefix}metrics`] = JSON.stringify(others.map(metricToV1))
  if (currentMetrics?.length) annotations[`${prefix}current-metrics`] = JSON.stringify(currentMetrics.map(statusToV1))
  if (behavior) annotations[`${prefix}behavior`] = JSON.stringify(capitalized(behavior))
  if (conditions?.length) annotations[`${prefix}conditions`] = JSON.stringify(conditions)
  const target = metrics.find(isCpu)?.resource?.target.averageUtilization
  const current = currentMetrics?.find((metric) => metric.type === 'Resource' && metric.resource?.name === 'cpu')?.resource?.current.averageUtilization
  const metadata = { ...object.metadata }
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations
  else delete metadata.annotations
  return {
    apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata,
    spec: { scaleTargetRef, minReplicas, maxReplicas, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: { ...status, currentReplicas: status.currentReplicas ?? 0, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) },
  } as v1.HorizontalPodAutoscaler
}

export function toV2(object: KubeObject): HorizontalPodAutoscaler {
  const { spec, status, metadata: given } = object as v1.HorizontalPodAutoscaler
  const annotations = { ...given.annotations }
  const read = <T>(name: string): T | undefined => {
    const text = annotations[prefix + name]
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as T
    } catch {
      // A client may write anything here; what cannot be read stays a plain annotation.
      return undefined
    }
  }
  const others = (read<V1Metric[]>('metrics') ?? []).map(metricFromV1)
  const currentMetrics = read<V1Status[]>('current-metrics')?.map(statusFromV1)
  const behavior = read<object>('behavior')
  const conditions = read<HorizontalPodAutoscaler['status']['conditions']>('conditions')
  const { targetCPUUtilizationPercentage: target, scaleTargetRef, minReplicas, maxReplicas } = spec
  const cpu = (percent: number): MetricSpec => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } })
  const metrics = [...others, ...(target === undefined ? [] : [cpu(target)])]
  const metadata = { ...given }
  if (given.annotations) {
    for (const key of carried) delete annotations[key]
    if (Object.keys(annotations).length > 0) metadata.annotations = annotations
    else delete metadata.annotations
  }
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...counts } = status ?? { currentReplicas: 0, desiredReplicas: 0 }
  const measured: MetricStatus[] | undefined = current === undefined ? undefined
    : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }]
  return {
    apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata,
    spec: {
      scaleTargetRef, minReplicas, maxReplicas,
      metrics: metrics.length > 0 ? metrics : [cpu(80)],
      ...(behavior ? { behavior: uncapitalized(behavior) as NonNullable<HorizontalPodAutoscaler['spec']['behavior']> } : {}),
    },
    status: { ...counts, ...(currentReplicas ? { currentReplicas } : {}), currentMetrics: currentMetrics ?? measured ?? (null as unknown as []), ...(conditions ? { conditions } : {}) },
  }
}

/** How the annotation spells a metric: targets are flat, as they were before v2. */
type V1Metric = { type: string; object?: Flat; pods?: Flat; resource?: Flat; containerResource?: Flat; external?: Flat }
type V1Status = V1Metric
type Flat = Record<string, unknown>
type Value = { value?: string; averageValue?: string; averageUtilization?: number }

const flatFields = (values: Value, of: 'target' | 'current', kind: string): Flat => {
  const put: Flat = {}
  const set = (name: string, value: unknown): void => {
    if (value !== undefined) put[name] = value
  }
  if (kind === 'resource' || kind === 'containerResource') {
    set(of === 'target' ? 'targetAverageUtilization' : 'currentAverageUtilization', values.averageUtilization)
    set(of === 'target' ? 'targetAverageValue' : 'currentAverageValue', values.averageValue)
  } else if (kind === 'object') {
    set(of === 'target' ? 'targetValue' : 'currentValue', values.value ?? '0')
    set('averageValue', values.averageValue)
  } else if (kind === 'pods') set(of === 'target' ? 'targetAverageValue' : 'currentAverageValue', values.averageValue)
  else {
    set(of === 'target' ? 'targetValue' : 'currentValue', values.value)
    set(of === 'target' ? 'targetAverageValue' : 'currentAverageValue', values.averageValue)
  }
  return put
}

const sourceKinds = ['object', 'pods', 'resource', 'containerResource', 'external'] as const
type Source = { name?: string; container?: string; metric?: { name: string; selector?: unknown }; describedObject?: unknown; target?: MetricTarget; current?: Value }

function flatten(metric: { type: string }, of: 'target' | 'current'): V1Metric {
  const result: V1Metric = { type: metric.type }
  for (const kind of sourceKinds) {
    const source = (metric as Record<string, unknown>)[kind] as Source | undefined
    if (!source) continue
    const flat: Flat = {}
    if (source.describedObject) flat['target'] = source.describedObject
    if (source.name) flat['name'] = source.name
    if (source.metric) {
      flat['metricName'] = source.metric.name
      if (source.metric.selector) flat[kind === 'external' ? 'metricSelector' : 'selector'] = source.metric.selector
    }
    result[kind] = { ...flat, ...flatFields((of === 'target' ? source.target : source.current) ?? {}, of, kind), ...(source.container ? { container: source.container } : {}) }
  }
  return result
}

function unflatten(metric: V1Metric, of: 'target' | 'current'): Record<string, unknown> {
  const result: Record<string, unknown> = { type: metric.type }
  const word = of === 'target' ? 'target' : 'current'
  for (const kind of sourceKinds) {
    const flat = metric[kind]
    if (!flat) continue
    const values: Value = {}
    const averageUtilization = flat[`${word}AverageUtilization`]
    const averageValue = flat[`${word}AverageValue`] ?? flat['averageValue']
    const value = flat[`${word}Value`]
    if (value !== undefined && !(value === '0' && averageValue !== undefined)) values.value = `${value as string | number}`
    if (averageValue !== undefined) values.averageValue = `${averageValue as string | number}`
    if (averageUtilization !== undefined) values.averageUtilization = Number(averageUtilization)
    const type = values.averageUtilization !== undefined ? 'Utilization' : values.averageValue !== undefined ? 'AverageValue' : 'Value'
    const selector = flat['metricSelector'] ?? flat['selector']
    result[kind] = {
      ...(flat['target'] && kind === 'object' ? { describedObject: flat['target'] } : {}),
      ...(flat['name'] ? { name: flat['name'] } : {}),
      ...(flat['metricName'] ? { metric: { name: flat['metricName'], ...(selector ? { selector } : {}) } } : {}),
      [of]: of === 'target' ? { type, ...values } : values,
      ...(flat['container'] ? { container: flat['container'] } : {}),
    }
  }
  return result
}

const metricToV1 = (metric: MetricSpec): V1Metric => flatten(metric, 'target')
const statusToV1 = (status: MetricStatus): V1Status => flatten(status, 'current')
const metricFromV1 = (metric: V1Metric): MetricSpec => unflatten(metric, 'target') as unknown as MetricSpec
const statusFromV1 = (status: V1Status): MetricStatus => unflatten(status, 'current') as unknown as MetricStatus

/** The behavior annotation spells fields as the original's internal structure does. */
const rename = (value: unknown, name: (key: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => rename(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [name(key), rename(item, name)]))
}
const capitalized = (value: unknown): unknown => rename(value, (key) => key.charAt(0).toUpperCase() + key.slice(1))
const uncapitalized = (value: unknown): unknown => rename(value, (key) => key.charAt(0).toLowerCase() + key.slice(1))
