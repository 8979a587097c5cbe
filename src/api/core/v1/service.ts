import { nameIsDnsLabel } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest, statusOnly } from '#apimachinery/subresources'
import { cidrWarnings, ipAddress, ipWarnings, isIP } from '../../ip-checks'
import { dnsSubdomain } from '../../field-checks'
import { ageColumn, column, formatLabels, nameColumn, wide } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { isExternal, needsHealthCheck, validateService, validateServiceUpdate } from './service-validation'
import type { Service, ServicePort } from './types'

export const services = defineResource<Service>({
  group: '', version: 'v1', kind: 'Service', resource: 'services', namespaced: true,
  shortNames: ['svc'],
  categories: ['all'],
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Service') } },
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    proxy: rest(['create', 'delete', 'get', 'patch', 'update'], { group: '', version: 'v1', kind: 'ServiceProxyOptions' }),
    status: statusOnly({
      validateUpdate({ spec, status }, old, errors) {
        const at = errors.at('status', 'loadBalancer', 'ingress')
        const ingress = status.loadBalancer?.ingress ?? []
        if (spec.type !== 'LoadBalancer' && ingress.length > 0) return at.forbidden("may only be used when `spec.type` is 'LoadBalancer'")
        const known = (old.status.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip)
        for (const [i, { ip, hostname, ipMode }] of ingress.entries()) {
          if (ip) ipAddress(at.at(i), 'ip', ip, known)
          if (ip && ipMode === undefined) at.at(i, 'ipMode').required('must be specified when `ip` is set')
          if (!ip && ipMode !== undefined) at.at(i, 'ipMode').forbidden('may not be specified when `ip` is not set')
          else if (ipMode !== undefined && ipMode !== 'VIP' && ipMode !== 'Proxy') at.at(i, 'ipMode').notSupported(ipMode, ['Proxy', 'VIP'])
          if (hostname) dnsSubdomain(at.at(i), 'hostname', hostname)
          if (hostname && isIP(hostname)) at.at(i, 'hostname').invalid(hostname, 'must be a DNS name, not an IP address')
        }
      },
      warnings: ({ status }) => (status.loadBalancer?.ingress ?? []).flatMap(({ ip }, i) => (ip ? ipWarnings(`status.loadBalancer.ingress[${i}]`, ip) : [])),
    }),
  },
  validateName: nameIsDnsLabel,
  allowCreateOnUpdate: true,

  resetFields: [['status']],
  prepareForCreate(service) {
    service.status = { loadBalancer: {} }
    const { spec } = service
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
  },
  prepareForUpdate(service, old) {
    service.status = old.status
    followClusterIp(service, old)
    dropWhatTheTypeNoLongerHas(service, old)
  },
  defaults,
  validateCreate: ({ metadata, spec }, errors) => validateService(spec, metadata, undefined, errors),
  validateUpdate(service, old, errors) {
    validateServiceUpdate(service, old, errors)
    validateService(service.spec, service.metadata, old, errors)
  },
  // Once given where it means nothing, and never shown there.
  canonicalize({ spec }) {
    if (spec.type === 'ExternalName') delete spec.internalTrafficPolicy
  },
  warnings({ spec, metadata }) {
    const found: string[] = []
    if (metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined) {
      found.push('annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead')
    }
    const headless = spec.type === 'ClusterIP' && spec.clusterIP === 'None'
    if (spec.clusterIP && spec.clusterIP !== 'None') spec.clusterIPs?.forEach((ip, i) => found.push(...ipWarnings(`spec.clusterIPs[${i}]`, ip)))
    if (headless) {
      if (spec.loadBalancerIP) found.push('spec.loadBalancerIP is ignored for headless services')
      if (spec.externalIPs?.length) found.push('spec.externalIPs is ignored for headless services')
      if (spec.sessionAffinity !== 'None') found.push('spec.SessionAffinity is ignored for headless services')
    }
    spec.externalIPs?.forEach((ip, i) => found.push(...ipWarnings(`spec.externalIPs[${i}]`, ip)))
    if (spec.externalIPs?.length && !headless && spec.type !== 'ExternalName') found.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
    if (spec.loadBalancerIP) found.push(...ipWarnings('spec.loadBalancerIP', spec.loadBalancerIP))
    spec.loadBalancerSourceRanges?.forEach((range, i) => found.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${i}]`, range)))
    if (spec.externalIPs?.length && spec.type === 'ExternalName') found.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if (spec.type !== 'ExternalName' && spec.externalName) found.push(`spec.externalName is ignored when spec.type is not "ExternalName"`)
    if (spec.trafficDistribution === 'PreferClose') found.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return found
  },

  columns: [
    nameColumn,
    column('Type', ({ spec }) => spec.type),
    column('Cluster-IP', ({ spec }) => spec.clusterIPs?.[0] ?? '<none>'),
    column('External-IP', externalAddresses),
    column('Port(s)', ({ spec }) => (spec.ports ?? []).map(portText).join(',') || '<none>'),
    ageColumn,
    wide('Selector', ({ spec }) => formatLabels(spec.selector)),
  ],
  selectableFields: { 'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '', 'spec.type': ({ spec }) => spec.type },
})

function defaults({ spec, status }: Service): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } }
  }
  for (const port of spec.ports ?? []) if (!port.targetPort) port.targetPort = port.port
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)
  if (external) spec.externalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer' || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
}

/** `clusterIP` is the first of `clusterIPs`: a client that knows only one of them changes the other with it. */
export function followClusterIp({ spec }: Service, { spec: old }: Service): void {
  if (spec.clusterIP && !spec.clusterIPs?.length) {
    spec.clusterIPs = [spec.clusterIP]
    return
  }
  const sameList = semanticallyEqual(spec.clusterIPs, old.clusterIPs)
  if ((spec.clusterIP ?? '') !== (old.clusterIP ?? '')) {
    if (!sameList) return
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
    else delete spec.clusterIPs
  } else if (!sameList && !spec.clusterIPs?.length) delete spec.clusterIP
}

/** A client that only changes the type should not have to know which fields went with the old one. What it changed itself stays, and is refused. */
function dropWhatTheTypeNoLongerHas({ spec }: Service, { spec: old }: Service): void {
  const drop = (field: keyof typeof spec): void => {
    if (semanticallyEqual(spec[field], old[field])) delete spec[field]
  }
  const hasClusterIp = (type: string): boolean => type !== 'ExternalName'
  if (hasClusterIp(old.type) && !hasClusterIp(spec.type)) {
    if (spec.clusterIP === old.clusterIP && semanticallyEqual(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    drop('ipFamilies')
    drop('ipFamilyPolicy')
  }
  const hasNodePorts = (type: string): boolean => type === 'NodePort' || type === 'LoadBalancer'
  if (hasNodePorts(old.type) && !hasNodePorts(spec.type)) {
    const ports = (list: readonly ServicePort[] | undefined): unknown => (list ?? []).map((port) => port.nodePort ?? 0)
    if (semanticallyEqual(ports(spec.ports), ports(old.ports))) for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec)) drop('healthCheckNodePort')
  if (hasClusterIp(old.type) && !hasClusterIp(spec.type)) drop('internalTrafficPolicy')
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    drop('allocateLoadBalancerNodePorts')
    drop('loadBalancerClass')
  }
  if (isExternal(old) && !isExternal(spec)) drop('externalTrafficPolicy')
}

const portText = ({ port, nodePort, protocol }: ServicePort): string => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`

function externalAddresses({ spec, status }: Service): string {
  const given = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return given.join(',') || '<none>'
    case 'LoadBalancer': {
      const ingress = loadBalancerText(status.loadBalancer?.ingress)
      return [...(ingress ? [ingress] : []), ...given].join(',') || '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

/** Cut where a terminal's column would break; also of ingresses. */
export function loadBalancerText(ingress: readonly { ip?: string; hostname?: string }[] = []): string {
  const text = [...new Set(ingress.map(({ ip, hostname }) => ip || hostname || '').filter(Boolean))].toSorted().join(',')
  return text.length > 16 ? `${text.slice(0, 13)}...` : text
}
