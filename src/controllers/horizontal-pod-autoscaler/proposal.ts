import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '#api/autoscaling/v2/types'
import type { Pod } from '#api/core/v1/types'
import { quantityMilliValue, quantityOf } from '#apimachinery/quantity'
import { messageOf } from '#base/error-message'
import type { MetricsClient } from './metrics-client'
import { byAverage, byShare, byTotal, byUtilization, requestsOf, type Sized, type Times, type Tolerances } from './replica-calculator'

/** What one metric asks for. `name` is what events and conditions call it. */
export interface Proposal {
  readonly replicas: number
  readonly name: string
  readonly status: MetricStatus
}

/** A metric that is not to be had: the reason is for the condition and an event, in the original's words. */
export class MetricFailure extends Error {
  override readonly name = 'MetricFailure'
  readonly reason: string
  /** The message with what kind of metric it was of. */
  readonly told: string
  constructor(reason: string, message: string, told: string, cause: unknown) {
    super(message, { cause })
    this.reason = reason
    this.told = told
  }
}

export interface Target {
  readonly autoscaler: HorizontalPodAutoscaler
  /** The scale's selector. */
  readonly selector: string
  readonly pods: readonly Pod[]
  /** The replicas that are asked for, and those that there are. */
  readonly specReplicas: number
  readonly statusReplicas: number
  readonly metrics: MetricsClient
  readonly tolerances: Tolerances
  readonly times: Times
}

export async function propose(spec: MetricSpec, target: Target): Promise<Proposal> {
  const failing = async (reason: string, told: string, work: Promise<Proposal>): Promise<Proposal> => {
    try {
      return await work
    } catch (error) {
      throw new MetricFailure(reason, messageOf(error), `failed to get ${told} value: ${messageOf(error)}`, error)
    }
  }
  switch (spec.type) {
    case 'Resource': return failing('FailedGetResourceMetric', `${spec.resource!.name} resource metric`, byResource(spec.resource!, target))
    case 'ContainerResource': return failing('FailedGetContainerResourceMetric', `${spec.containerResource!.container} container metric`, byResource(spec.containerResource!, target))
    case 'Pods': return failing('FailedGetPodsMetric', 'pods metric', byPods(spec.pods!, target))
    case 'Object': return failing('FailedGetObjectMetric', 'object metric', byObject(spec.object!, target))
    case 'External': return failing('FailedGetExternalMetric', `${spec.external!.metric.name} external metric`, byExternal(spec.external!, target))
    default: throw new MetricFailure('InvalidMetricSourceType', `unknown metric source type ${JSON.stringify(spec.type)}`, `unknown metric source type ${JSON.stringify(spec.type)}`, undefined)
  }
}

async function byResource({ name, target, container }: { name: string; target: MetricTarget; container?: string }, { autoscaler, selector, pods, specReplicas, metrics, tolerances, times }: Target): Promise<Proposal> {
  const { namespace = '' } = autoscaler.metadata
  const utilization = target.averageValue === undefined ? target.averageUtilization : undefined
  const size = async (): Promise<Sized> => {
    const fetched = metrics.ofPods(name, namespace, selector, container)
    if (target.averageValue !== undefined) return byAverage(specReplicas, quantityMilliValue(target.averageValue), await fetched, pods, name, tolerances, times)
    const found = await fetched.catch((error: unknown) => {
      throw new Error(`unable to get metrics for resource ${name}: ${messageOf(error)}`, { cause: error })
    })
    return byUtilization(specReplicas, utilization!, found, pods, requestsOf(pods, name, container), name, tolerances, times)
  }
  if (target.averageValue === undefined && utilization === undefined) throw new Error('invalid resource metric source: neither an average utilization target nor an average value (usage) target was set')
  const sized = await size().catch((error: unknown) => {
    throw new Error(`failed to get ${name} ${utilization === undefined ? 'usage' : 'utilization'}: ${messageOf(error)}`, { cause: error })
  })
  const current: MetricValueStatus = {
    averageValue: quantityOf(sized.usage, name === 'memory' ? 'BinarySI' : 'DecimalSI', -3), ...(sized.utilization === undefined ? {} : { averageUtilization: sized.utilization }),
  }
  const percent = utilization === undefined ? '' : ' utilization (percentage of request)'
  return {
    replicas: sized.replicas,
    name: `${name} ${container !== undefined && utilization !== undefined ? 'container resource' : 'resource'}${percent}`,
    status: container === undefined ? { type: 'Resource', resource: { name, current } } : { type: 'ContainerResource', containerResource: { name, container, current } },
  }
}

async function byPods({ metric, target }: NonNullable<MetricSpec['pods']>, { autoscaler, selector, pods, specReplicas, metrics, tolerances, times }: Target): Promise<Proposal> {
  const found = await metrics.customOfPods(metric, autoscaler.metadata.namespace ?? '', selector).catch((error: unknown) => {
    throw new Error(`unable to get metric ${metric.name}: ${messageOf(error)}`, { cause: error })
  })
  const { replicas, usage } = byAverage(specReplicas, quantityMilliValue(target.averageValue!), found, pods, '', tolerances, times)
  return { replicas, name: `pods metric ${metric.name}`, status: { type: 'Pods', pods: { metric, current: { averageValue: milli(usage) } } } }
}

async function byObject({ metric, target, describedObject }: NonNullable<MetricSpec['object']>, where: Target): Promise<Proposal> {
  const { namespace = '' } = where.autoscaler.metadata
  const usage = await where.metrics.ofObject(metric, namespace, describedObject).catch((error: unknown) => {
    throw new Error(`unable to get metric ${metric.name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/${messageOf(error)}`, { cause: error })
  })
  const { replicas, current } = ofOneValue(usage, target, where)
  const name = target.type === 'Value' ? `${describedObject.kind} metric ${metric.name}` : `external metric ${metric.name}(${showSelector(metric.selector)})`
  return { replicas, name, status: { type: 'Object', object: { metric, describedObject, current } } }
}

async function byExternal({ metric, target }: NonNullable<MetricSpec['external']>, where: Target): Promise<Proposal> {
  const { namespace = '' } = where.autoscaler.metadata
  const usage = await where.metrics.external(metric, namespace).catch((error: unknown) => {
    throw new Error(`failed to get ${metric.name} external metric: unable to get external metric ${namespace}/${metric.name}/${showSelector(metric.selector)}: ${messageOf(error)}`, { cause: error })
  })
  const { replicas, current } = ofOneValue(usage, target, where)
  return { replicas, name: `external metric ${metric.name}(${showSelector(metric.selector)})`, status: { type: 'External', external: { metric, current } } }
}

function ofOneValue(usage: number, { value, averageValue }: MetricTarget, { specReplicas, statusReplicas, pods, tolerances }: Target): { replicas: number; current: MetricValueStatus } {
  if (averageValue !== undefined) {
    return { replicas: byShare(statusReplicas, usage, quantityMilliValue(averageValue), tolerances), current: { averageValue: milli(Math.ceil(usage / statusReplicas)) } }
  }
  if (value === undefined) throw new Error('invalid metric source: neither a value target nor an average value target was set')
  return { replicas: byTotal(specReplicas, usage / quantityMilliValue(value), pods, tolerances), current: { value: milli(usage) } }
}

const milli = (value: number): string => quantityOf(value, 'DecimalSI', -3)

/** As Go prints the pointer's struct. */
function showSelector(selector: { matchLabels?: Readonly<Record<string, string>> } | undefined): string {
  if (!selector) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{},}`
}
