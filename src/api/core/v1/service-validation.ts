import type { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import { dnsLabel, dnsSubdomain, labels, oneOf, optionalOneOf, portNumber, portNumberOrName, qualifiedName } from '../../field-checks'
import { cidr, ipAddress, reachableAddress, repeatsFamily } from '../../ip-checks'
import type { Service, ServicePort, ServiceSpec } from './types'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const protocols = ['SCTP', 'TCP', 'UDP']
const families = ['IPv4', 'IPv6']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const onlyForLoadBalancers = "may only be used when `type` is 'LoadBalancer'"
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

export const isHeadless = ({ clusterIPs }: ServiceSpec): boolean => clusterIPs?.length === 1 && clusterIPs[0] === 'None'
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
export const isExternal = ({ type, externalIPs }: ServiceSpec): boolean => type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0)

/** Addresses and ranges that stand in `old` already may stay, however they are written. */
export function validateService(spec: ServiceSpec, metadata: ObjectMeta, old: Service | undefined, errors: FieldErrors): void {
  const at = errors.at('spec')
  const ports = spec.ports ?? []
  const headless = isHeadless(spec)
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') at.at('ports').required()
  if (headless && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) {
    at.at('clusterIPs', 0).invalid('None', `may not be set to 'None' for ${spec.type} services`)
  }
  if (spec.type === 'ExternalName') validateExternalName(spec, at)
  else validateClusterIPs(spec, old?.spec, at)
  validatePorts(ports, spec.type, at.at('ports'))
  if (spec.selector) labels(at, 'selector', spec.selector)
  oneOf(at, 'sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None'])
  validateAffinityConfig(spec, at.at('sessionAffinityConfig'))
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) {
    const before = errors.all.length
    ipAddress(at.at('externalIPs'), i, ip, old?.spec.externalIPs)
    if (errors.all.length === before) reachableAddress(at.at('externalIPs'), i, ip)
  }
  oneOf(at, 'type', spec.type, types)
  validateLoadBalancer(spec, metadata, old, errors)
  validateTraffic(spec, at)
}

function validateExternalName(spec: ServiceSpec, errors: FieldErrors): void {
  const no = 'may not be set for ExternalName services'
  if (spec.clusterIPs?.length) errors.at('clusterIPs').forbidden(no)
  if (spec.ipFamilies?.length) errors.at('ipFamilies').forbidden(no)
  if (spec.ipFamilyPolicy !== undefined) errors.at('ipFamilyPolicy').forbidden(no)
  const name = spec.externalName?.endsWith('.') ? spec.externalName.slice(0, -1) : spec.externalName
  if (name) dnsSubdomain(errors, 'externalName', name)
  else errors.at('externalName').required()
}

function validatePorts(ports: readonly ServicePort[], type: string, errors: FieldErrors): void {
  const names = new Set<string>()
  const nodePorts = new Set<string>()
  const numbers = new Set<string>()
  for (let i = 0; i < ports.length; i++) {
    const { name, port, protocol, targetPort, nodePort, appProtocol } = ports[i]!
    const at = errors.at(i)
    if (!name) {
      if (ports.length > 1) at.at('name').required()
    } else {
      dnsLabel(at, 'name', name)
      if (names.has(name)) at.at('name').duplicate(name)
      names.add(name)
    }
    portNumber(at, 'port', port)
    oneOf(at, 'protocol', protocol, protocols)
    portNumberOrName(at, 'targetPort', targetPort)
    if (appProtocol !== undefined) qualifiedName(at, 'appProtocol', appProtocol)
    if (nodePort && type === 'ClusterIP') at.at('nodePort').forbidden("may not be used when `type` is 'ClusterIP'")
    const node = `${protocol}/${nodePort}`
    if (nodePort && nodePorts.has(node)) at.at('nodePort').duplicate(nodePort)
    nodePorts.add(node)
    const number = `${protocol}/${port}`
    if (numbers.has(number)) at.duplicate({ Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 })
    numbers.add(number)
  }
}

function validateAffinityConfig({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec, errors: FieldErrors): void {
  if (sessionAffinity === 'None' && config) return errors.forbidden('must not be set when session affinity is None')
  if (sessionAffinity !== 'ClientIP') return
  const seconds = config?.clientIP?.timeoutSeconds
  const when = 'when session affinity type is ClientIP'
  if (!config) errors.required(when)
  else if (!config.clientIP) errors.at('clientIP').required(when)
  else if (seconds === undefined) errors.at('clientIP', 'timeoutSeconds').required(when)
  else if (seconds <= 0 || seconds > 86400) errors.at('clientIP', 'timeoutSeconds').invalid(seconds, 'must be greater than 0 and less than 86400')
}

/** Also asked before addresses are given out: what is wrong in itself is told alone. */
export function validateClusterIPs(spec: ServiceSpec, old: ServiceSpec | undefined, errors: FieldErrors): void {
  const ips = spec.clusterIPs ?? []
  const at = errors.at('clusterIPs')
  if (spec.clusterIP) {
    if (ips.length === 0) at.required()
    else if (ips[0] !== spec.clusterIP) at.invalid(ips, 'first value must match `clusterIP`')
  } else if (ips.length > 0) at.invalid(ips, 'must be empty when `clusterIP` is not specified')
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    if (!families.includes(family)) errors.at('ipFamilies', i).notSupported(family, families)
    if (spec.ipFamilies!.indexOf(family) < i) errors.at('ipFamilies', i).duplicate(family)
  }
  optionalOneOf(errors, 'ipFamilyPolicy', spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack'])
  const before = errors.all.length
  for (const [i, ip] of ips.entries()) {
    if (i === 0 && ip === 'None') {
      if (ips.length > 1) at.invalid(ips, "'None' must be the first and only value")
    } else ipAddress(at, i, ip, old?.clusterIPs)
  }
  const unsound = errors.all.length > before
  if (ips.length > 2) at.invalid(ips, 'may only hold up to 2 values')
  if (unsound) return
  if (ips.length > 1 && repeatsFamily(ips)) at.invalid(ips, 'may specify no more than one IP for each IP family')
  if (isHeadless(spec)) return
  for (const [i, ip] of ips.entries()) {
    const family = spec.ipFamilies?.[i]
    if (family !== undefined && (family === 'IPv6') !== ip.includes(':')) at.at(i).invalid(ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``)
  }
}

function validateLoadBalancer(spec: ServiceSpec, { annotations }: ObjectMeta, old: Service | undefined, errors: FieldErrors): void {
  const balanced = spec.type === 'LoadBalancer'
  const at = errors.at('spec')
  const ranges = annotations?.[rangesAnnotation]
  if (spec.loadBalancerSourceRanges?.length) {
    // The original spells this path as its own structure does.
    const list = at.at('LoadBalancerSourceRanges')
    if (!balanced) list.forbidden(onlyForLoadBalancers)
    const known = (old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim())
    for (const [i, range] of spec.loadBalancerSourceRanges.entries()) cidr(list, i, range.trim(), known)
  } else if (ranges !== undefined) {
    const key = errors.at('metadata', 'annotations').key(rangesAnnotation)
    if (!balanced) key.forbidden(onlyForLoadBalancers)
    const stays = old?.metadata.annotations?.[rangesAnnotation] === ranges
    for (const range of stays || ranges.trim() === '' ? [] : ranges.split(',')) cidr(errors.at('metadata', 'annotations'), `[${rangesAnnotation}]`, range.trim())
  }
  if (!balanced && spec.allocateLoadBalancerNodePorts !== undefined) at.at('allocateLoadBalancerNodePorts').forbidden(onlyForLoadBalancers)
  if (balanced && spec.allocateLoadBalancerNodePorts === undefined) errors.at('allocateLoadBalancerNodePorts').required()
  if (spec.loadBalancerClass !== undefined) validateLoadBalancerClass(spec, at)
}

/** Looked at twice where a Service changes. */
function validateLoadBalancerClass({ type, loadBalancerClass }: ServiceSpec, errors: FieldErrors): void {
  if (type === 'LoadBalancer') qualifiedName(errors, 'loadBalancerClass', loadBalancerClass!)
  else errors.at('loadBalancerClass').forbidden(onlyForLoadBalancers)
}

function validateTraffic(spec: ServiceSpec, errors: FieldErrors): void {
  const { externalTrafficPolicy: external, healthCheckNodePort: health = 0 } = spec
  if (!isExternal(spec)) {
    if (external) errors.at('externalTrafficPolicy').invalid(external, 'may only be set for externally-accessible services')
  } else oneOf(errors, 'externalTrafficPolicy', external, ['Cluster', 'Local'])
  if (!needsHealthCheck(spec)) {
    if (health !== 0) errors.at('healthCheckNodePort').invalid(health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")
  } else if (health !== 0) portNumber(errors, 'healthCheckNodePort', health)
  if (spec.internalTrafficPolicy === undefined) {
    if (types.includes(spec.type) && spec.type !== 'ExternalName') errors.at('internalTrafficPolicy').required()
  } else optionalOneOf(errors, 'internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local'])
  optionalOneOf(errors, 'trafficDistribution', spec.trafficDistribution, distributions)
}

export function validateServiceUpdate(service: Service, before: Service, errors: FieldErrors): void {
  const { spec } = service
  const old = before.spec
  const at = errors.at('spec')
  if (old.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && (spec.loadBalancerClass ?? '') !== (old.loadBalancerClass ?? '')) {
    at.at('loadBalancerClass').invalid(spec.loadBalancerClass ?? null, 'may not change once set')
  }
  if (spec.loadBalancerClass !== undefined) validateLoadBalancerClass(spec, at)
  if (needsHealthCheck(old) && needsHealthCheck(spec) && spec.healthCheckNodePort !== old.healthCheckNodePort) {
    at.at('healthCheckNodePort').forbidden('field is immutable')
  }
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return
  if (!(isHeadless(old) && isHeadless(spec))) keepFirst(spec.clusterIPs ?? [], old.clusterIPs ?? [], 'clusterIPs', 'clusterIP', spec, at)
  if (!isHeadless(old) && !isHeadless(spec)) keepFirst(spec.ipFamilies ?? [], old.ipFamilies ?? [], 'ipFamilies', 'ipFamily', spec, at)
}

/** The first address and family stay for life; a second may come and go. */
function keepFirst(now: readonly string[], old: readonly string[], field: string, single: string, spec: ServiceSpec, errors: FieldErrors): void {
  const at = (i: number): FieldErrors => errors.at(field, i)
  if (old.length === now.length) {
    for (const [i, value] of old.entries()) if (value !== now[i]) at(field === 'ipFamilies' ? 0 : i).invalid(now, 'may not change once set')
  } else if (old.length > now.length) {
    if (now.length === 0) at(0).invalid(now, `primary ${single} can not be unset`)
    else if (now[0] !== old[0]) at(0).invalid(now, 'may not change once set')
    if (now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
      errors.at('ipFamilyPolicy').invalid(spec.ipFamilyPolicy ?? null, `must be set to 'SingleStack' when releasing the secondary ${single}`)
    }
  } else if (old.length > 0 && now[0] !== old[0]) at(0).invalid(now, 'may not change once set')
}
