import type { Metrics } from '#component-base/metrics'
import { type CounterSeries, counterFamily } from '#component-base/series'
import type { AdmissionRequest } from '../plugin'
import { newest, type LevelVersion } from './level'

export interface PodSecurityMetrics {
  evaluated(mode: 'enforce' | 'audit' | 'warn', asked: LevelVersion, allowed: boolean, request: AdmissionRequest): void
  exempt(request: AdmissionRequest): void
}

export function podSecurityMetrics(metrics: Metrics): PodSecurityMetrics {
  const about = ['request_operation', 'resource', 'subresource']
  const evaluations = counterFamily('pod_security_evaluations_total', 'Number of policy evaluations that occurred, not counting ignored or exempt requests.', ['decision', 'mode', 'ocp_namespace', 'policy_level', 'policy_version', ...about])
  const exemptions = counterFamily('pod_security_exemptions_total', 'Number of exempt requests, not counting ignored or out of scope requests.', about)
  metrics.source(() => evaluations.text() + exemptions.text())
  /** By one text of everything: pods are many. */
  const known = new Map<string, CounterSeries>()
  const labels = ({ operation, resource, subresource }: AdmissionRequest): string[] =>
    [operation === 'CREATE' ? 'create' : 'update', resource.resource === 'pods' && resource.group === '' ? 'pod' : resource.resource === 'namespaces' && resource.group === '' ? 'namespace' : 'controller', subresource]
  return {
    evaluated(mode, { level, minor }, allowed, request) {
      const key = `${mode} ${level} ${minor} ${allowed} ${request.operation} ${request.resource.resource} ${request.subresource}`
      let series = known.get(key)
      if (!series) {
        // Whoever writes labels can make up as many versions as he likes.
        const version = minor === undefined ? 'latest' : minor > newest ? 'future' : `v1.${minor}`
        series = evaluations.of(allowed ? 'allow' : 'deny', mode, '', level, version, ...labels(request))
        if (known.size < 1000) known.set(key, series)
      }
      series.value++
    },
    exempt: (request) => void exemptions.of(...labels(request)).value++,
  }
}
