// autoscaling/v1 knows the use of processors only. What it has no fields for travels in annotations, so that a client of v1 that
// reads and writes an object loses nothing of it.
import type { KubeObject } from '#apimachinery/object'
import { canonicalQuantity } from '#apimachinery/quantity'
import type * as v1 from '#api/autoscaling/v1/types'
import type { HPAScalingRules, HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from './types'

type Behavior = NonNullable<HorizontalPodAutoscaler['spec']['behavior']>

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
  if (behavior) annotations[`${prefix}behavior`] = JSON.stringify(internalBehavior(behavior))
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
  const read = <T, R>(name: string, convert: (value: T) => R): R | undefined => {
    const text = annotations[prefix + name]
    if (text === undefined) return undefined
    try {
      return convert(JSON.parse(text) as T)
    } catch {
      // A client may write anything here; what cannot be read stays a plain annotation.
      return undefined
    }
  }
  const others = read('metrics', (list: V1Metric[]) => list.map(metricFromV1)) ?? []
  const currentMetrics = read('current-metrics', (list: V1Status[]) => list.map(statusFromV1))
  const behavior = read('behavior', behaviorFrom)
  const conditions = read('conditions', (list: HorizontalPodAutoscaler['status']['conditions']) => list)
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
      ...(behavior ? { behavior } : {}),
    },
    status: { ...counts, ...(currentReplicas ? { currentReplicas } : {}), currentMetrics: currentMetrics ?? measured ?? (null as unknown as []), ...(conditions ? { conditions } : {}) },
  }
}

/** How the annotation spells a metric: targets are flat, as they were before v2. */
type V1Metric = { type: string; object?: Flat; pods?: Flat; resource?: Flat; containerResource?: Flat; external?: Flat }
type V1Status = V1Metric
type Flat = Record<string, unknown>
type Value = { value?: string; averageValue?: string; averageUtilization?: number }

/** In the order in which the original writes them. What is no pointer there is written always. */
function flatFields(kind: (typeof sourceKinds)[number], of: 'target' | 'current', { name, container, metric, describedObject, ...source }: Source): Flat {
  const { value, averageValue, averageUtilization } = (of === 'target' ? source.target : source.current) ?? ({} as Value)
  const [plain, average, utilization] = [`${of}Value`, `${of}AverageValue`, `${of}AverageUtilization`] as const
  const selector = metric?.selector
  const fields: Flat = kind === 'object' ? { target: describedObject, metricName: metric?.name, [plain]: value ?? '0', selector, averageValue }
    : kind === 'pods' ? { metricName: metric?.name, [average]: averageValue ?? '0', selector }
    : kind === 'external' ? { metricName: metric?.name, metricSelector: selector, [plain]: value ?? (of === 'current' ? '0' : undefined), [average]: averageValue }
    : { name, [utilization]: averageUtilization, [average]: averageValue ?? (of === 'current' ? '0' : undefined), container }
  return Object.fromEntries(Object.entries(fields).filter(([, given]) => given !== undefined))
}

const sourceKinds = ['object', 'pods', 'resource', 'containerResource', 'external'] as const
type Source = { name?: string; container?: string; metric?: { name: string; selector?: unknown }; describedObject?: unknown; target?: MetricTarget; current?: Value }

function flatten(metric: { type: string }, of: 'target' | 'current'): V1Metric {
  const result: V1Metric = { type: metric.type }
  for (const kind of sourceKinds) {
    const source = (metric as Record<string, unknown>)[kind] as Source | undefined
    if (!source) continue
    result[kind] = flatFields(kind, of, source)
  }
  return result
}

function unflatten(metric: V1Metric, of: 'target' | 'current'): Record<string, unknown> {
  const result: Record<string, unknown> = { type: metric.type }
  for (const kind of sourceKinds) {
    const flat = metric[kind]
    if (!flat) continue
    const selector = flat['metricSelector'] ?? flat['selector']
    result[kind] = {
      ...(kind === 'object' ? { describedObject: flat['target'] ?? {} } : {}),
      ...(kind === 'resource' || kind === 'containerResource' ? { name: flat['name'] ?? '' } : { metric: { name: flat['metricName'] ?? '', ...(selector ? { selector } : {}) } }),
      [of]: valuesOf(kind, of, flat),
      ...(kind === 'containerResource' ? { container: flat['container'] ?? '' } : {}),
    }
  }
  return result
}

/** What v1 must write though it means nothing comes back as 0, but where that would be refused. */
function valuesOf(kind: (typeof sourceKinds)[number], of: 'target' | 'current', flat: Flat): Value & { type?: string } {
  const quantity = (name: string, otherwise?: string): string | undefined => {
    const given = flat[name] ?? otherwise
    return given === undefined ? undefined : canonicalQuantity(given as string | number)
  }
  const made = (type: string, values: { [K in keyof Value]: Value[K] | undefined }): Value & { type?: string } =>
    Object.fromEntries(Object.entries({ ...(of === 'target' ? { type } : {}), ...values }).filter(([, value]) => value !== undefined))
  if (kind === 'object') {
    const averageValue = quantity('averageValue')
    const value = quantity(`${of}Value`, '0')
    return made(averageValue === undefined ? 'Value' : 'AverageValue', { value: of === 'target' && averageValue !== undefined && value === '0' ? undefined : value, averageValue })
  }
  if (kind === 'pods') return made('AverageValue', { averageValue: quantity(`${of}AverageValue`, '0') })
  if (kind === 'external') {
    const value = quantity(`${of}Value`, of === 'current' ? '0' : undefined)
    return made(value === undefined ? 'AverageValue' : 'Value', { value, averageValue: quantity(`${of}AverageValue`) })
  }
  const averageUtilization = flat[`${of}AverageUtilization`] as number | undefined
  return made(averageUtilization === undefined ? 'AverageValue' : 'Utilization', { averageValue: quantity(`${of}AverageValue`, of === 'current' ? '0' : undefined), averageUtilization })
}

const metricToV1 = (metric: MetricSpec): V1Metric => flatten(metric, 'target')
const statusToV1 = (status: MetricStatus): V1Status => flatten(status, 'current')
const metricFromV1 = (metric: V1Metric): MetricSpec => unflatten(metric, 'target') as unknown as MetricSpec
const statusFromV1 = (status: V1Status): MetricStatus => unflatten(status, 'current') as unknown as MetricStatus

/** The behavior annotation is the original's internal structure as Go prints it. */
function internalBehavior({ scaleUp, scaleDown }: Behavior): object {
  const rules = (given: HPAScalingRules | undefined): object | null => given ? {
    StabilizationWindowSeconds: given.stabilizationWindowSeconds ?? null,
    SelectPolicy: given.selectPolicy ?? null,
    Policies: given.policies?.map(({ type, value, periodSeconds }) => ({ Type: type, Value: value, PeriodSeconds: periodSeconds })) ?? null,
    Tolerance: given.tolerance ?? null,
  } : null
  return { ScaleUp: rules(scaleUp), ScaleDown: rules(scaleDown) }
}

function behaviorFrom(annotation: unknown): Behavior | undefined {
  const { scaleUp, scaleDown } = uncapitalized(annotation ?? {}) as { scaleUp?: HPAScalingRules; scaleDown?: HPAScalingRules }
  // Who speaks v1 is not given the policies that v2 starts with: rules without any are refused.
  const rules = (given: HPAScalingRules): HPAScalingRules => ({ ...given, policies: given.policies ?? [] })
  return scaleUp || scaleDown ? { ...(scaleUp && { scaleUp: rules(scaleUp) }), ...(scaleDown && { scaleDown: rules(scaleDown) }) } : undefined
}

const uncapitalized = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(uncapitalized)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null).map(([key, item]) => [key.charAt(0).toLowerCase() + key.slice(1), uncapitalized(item)]))
}
