import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from './types'

/** `cpu: 12%/80%, 30/100 (avg) + 1 more...` */
export function metricsText(metrics: readonly MetricSpec[] = [], statuses: readonly MetricStatus[] | null | undefined = []): string {
  if (metrics.length === 0) return '<none>'
  const all = metrics.map((metric, i) => oneMetric(metric, statuses?.[i]))
  return all.length > 2 ? `${all.slice(0, 2).join(', ')} + ${all.length - 2} more...` : all.join(', ')
}

function oneMetric(metric: MetricSpec, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External':
      return metric.external ? averageOrValue(metric.external.target, status?.external?.current) : ''
    case 'Object':
      return metric.object ? averageOrValue(metric.object.target, status?.object?.current) : ''
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? '<unknown>'}/${metric.pods?.target.averageValue ?? '0'}`
    case 'Resource':
      return metric.resource ? `${metric.resource.name}: ${usage(metric.resource.target, status?.resource?.current)}` : ''
    case 'ContainerResource':
      return metric.containerResource ? `${metric.containerResource.name}: ${usage(metric.containerResource.target, status?.containerResource?.current)}` : ''
    default:
      return '<unknown type>'
  }
}

function averageOrValue(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`
  return `${current?.value ?? '<unknown>'}/${target.value ?? '0'}`
}

function usage(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? '<unknown>'}/${target.averageValue}`
  const percent = (value: number | undefined, none: string): string => (value === undefined ? none : `${value}%`)
  return `${percent(current?.averageUtilization, '<unknown>')}/${percent(target.averageUtilization, '<auto>')}`
}
