import type { FieldErrors } from '#apimachinery/field-errors'
import { isPathSegmentName } from '#apimachinery/names'
import type { WriteContext } from '#apimachinery/resource'
import { quantitySign } from '#apimachinery/quantity'
import { containerResourceName } from '../../core/v1/resource-names'
import { dnsLabel, optionalOneOf, report } from '../../field-checks'
import type { CrossVersionObjectReference, HPAScalingRules, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget } from './types'

const sources = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

/** `old`: what it was let through with may stay. */
export function validateAutoscaler(spec: HorizontalPodAutoscalerSpec, old: HorizontalPodAutoscalerSpec | undefined, errors: FieldErrors, { enabled }: Pick<WriteContext, 'enabled'>): void {
  const { minReplicas, maxReplicas, metrics = [], behavior, scaleTargetRef: target } = spec
  const least = enabled('HPAScaleToZero') || old?.minReplicas === 0 ? 0 : 1
  if (minReplicas !== undefined && minReplicas < least) errors.at('minReplicas').invalid(minReplicas, `must be greater than or equal to ${least}`)
  if (!maxReplicas) errors.at('maxReplicas').required('must be set and greater than 0')
  else if (maxReplicas < 0) errors.at('maxReplicas').invalid(maxReplicas, 'must be greater than or equal to 1')
  if (minReplicas !== undefined && maxReplicas < minReplicas) errors.at('maxReplicas').invalid(maxReplicas, 'must be greater than or equal to `minReplicas`')
  const sameTarget = old?.scaleTargetRef.apiVersion === target.apiVersion && old?.scaleTargetRef.kind === target.kind
  validateReference(target, errors.at('scaleTargetRef'), sameTarget ? 'any' : target.kind === 'ReplicationController' ? 'core too' : 'of a group')
  const anyVersion = (old?.metrics ?? []).some(({ type, object }) => type === 'Object' && object && versionProblem(object.describedObject.apiVersion, true) !== undefined)
  for (const [i, metric] of metrics.entries()) validateMetric(metric, errors.at('metrics', i), anyVersion ? 'any' : 'core too')
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    errors.at('metrics').forbidden('must specify at least one Object or External metric to support scaling to zero replicas')
  }
  if (behavior?.scaleUp) validateRules(behavior.scaleUp, errors.at('behavior', 'scaleUp'))
  if (behavior?.scaleDown) validateRules(behavior.scaleDown, errors.at('behavior', 'scaleDown'))
}

function segment(errors: FieldErrors, field: string, value: string, detail = ''): void {
  if (!value) errors.at(field).required(detail)
  else report(errors, field, value, isPathSegmentName(value))
}

type Versions = 'any' | 'core too' | 'of a group'

function versionProblem(apiVersion = '', coreToo: boolean): string | undefined {
  const parts = apiVersion.split('/')
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`
  return !coreToo && (parts.length < 2 || parts[0] === '') ? 'apiVersion must specify API group' : undefined
}

function validateReference({ kind, name, apiVersion }: CrossVersionObjectReference, errors: FieldErrors, versions: Versions): void {
  segment(errors, 'kind', kind)
  segment(errors, 'name', name)
  const problem = versions === 'any' ? undefined : versionProblem(apiVersion, versions === 'core too')
  if (problem !== undefined) errors.at('apiVersion').invalid(apiVersion ?? '', problem)
}

function validateRules(rules: HPAScalingRules, errors: FieldErrors): void {
  const window = rules.stabilizationWindowSeconds
  if (window !== undefined && window < 0) errors.at('stabilizationWindowSeconds').invalid(window, 'must be greater than or equal to zero')
  if (window !== undefined && window > 3600) errors.at('stabilizationWindowSeconds').invalid(window, 'must be less than or equal to 3600')
  optionalOneOf(errors, 'selectPolicy', rules.selectPolicy, ['Disabled', 'Max', 'Min'])
  if (!rules.policies?.length) errors.at('policies').required('must specify at least one Policy')
  for (const [i, { type, value, periodSeconds }] of (rules.policies ?? []).entries()) {
    const at = errors.at('policies', i)
    optionalOneOf(at, 'type', type ?? '', ['Percent', 'Pods'])
    if (value <= 0) at.at('value').invalid(value, 'must be greater than zero')
    if (periodSeconds <= 0) at.at('periodSeconds').invalid(periodSeconds, 'must be greater than zero')
    if (periodSeconds > 1800) at.at('periodSeconds').invalid(periodSeconds, 'must be less than or equal to 1800')
  }
  if (rules.tolerance?.startsWith('-')) errors.at('tolerance').invalid(rules.tolerance, 'must be greater than or equal to 0')
}

const fields = ['object', 'external', 'pods', 'resource', 'containerResource'] as const

function validateMetric(metric: MetricSpec, errors: FieldErrors, versions: Versions): void {
  if (!metric.type) errors.at('type').required('must specify a metric source type')
  if (!sources.includes(metric.type)) errors.at('type').notSupported(metric.type, sources)
  const present = fields.filter((field) => metric[field])
  if (present[0]) validateSource(metric, present[0], errors.at(present[0]), versions)
  const expected = fields.find((field) => field.toLowerCase() === metric.type.toLowerCase())
  if (!expected) errors.at('type').notSupported(metric.type, sources)
  else if (!metric[expected]) errors.at(expected).required('must populate information for the given metric source')
  if (present.length === 1) return
  for (const field of present) if (field !== expected) errors.at(field).forbidden('must populate the given metric source only')
}

function validateSource(metric: MetricSpec, field: (typeof fields)[number], errors: FieldErrors, versions: Versions): void {
  const { target } = metric[field]!
  const averageValue = errors.at('target', 'averageValue')
  if (field === 'resource' || field === 'containerResource') {
    const source = metric[field]!
    if (!source.name) errors.at('name').required('must specify a resource name')
    else if (field === 'containerResource') containerResourceName(errors.at('name'), source.name)
    if (field === 'containerResource') {
      const { container } = metric.containerResource!
      if (!container) errors.at('container').required('must specify a container')
      else dnsLabel(errors, 'container', container)
    }
    validateTarget(target, errors.at('target'))
    if (target.averageUtilization === undefined && target.averageValue === undefined) {
      errors.at('target', 'averageUtilization').required('must set either a target raw value or a target utilization')
    }
    if (target.averageUtilization !== undefined && target.averageValue !== undefined) averageValue.forbidden('may not set both a target raw value and a target utilization')
    return
  }
  if (field === 'object') validateReference(metric.object!.describedObject, errors.at('describedObject'), versions)
  segment(errors.at('metric'), 'name', metric[field]!.metric.name, 'must specify a metric name')
  validateTarget(target, errors.at('target'))
  if (field === 'pods') {
    if (target.averageValue === undefined) averageValue.required('must specify a positive target averageValue')
  } else if (target.value === undefined && target.averageValue === undefined) {
    averageValue.required(field === 'object' ? 'must set either a target value or averageValue' : 'must set either a target value for metric or a per-pod target')
  } else if (field === 'external' && target.value !== undefined && target.averageValue !== undefined) {
    errors.at('target', 'value').forbidden('may not set both a target value for metric and a per-pod target')
  }
}

function validateTarget({ type, value, averageValue, averageUtilization }: MetricTarget, errors: FieldErrors): void {
  if (!type) errors.at('type').required('must specify a metric target type')
  if (type !== 'Utilization' && type !== 'Value' && type !== 'AverageValue') errors.at('type').invalid(type, 'must be either Utilization, Value, or AverageValue')
  if (value !== undefined && quantitySign(value) !== 1) errors.at('value').invalid(value, 'must be positive')
  if (averageValue !== undefined && quantitySign(averageValue) !== 1) errors.at('averageValue').invalid(averageValue, 'must be positive')
  if (averageUtilization !== undefined && averageUtilization < 1) errors.at('averageUtilization').invalid(averageUtilization, 'must be greater than 0')
}
