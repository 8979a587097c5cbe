import { FieldErrors } from '#apimachinery/field-errors'
import { isDns1123Subdomain, isPathSegmentName, isPortName, isWildcardDns1123Subdomain } from '#apimachinery/names'
import { dnsLabel, dnsSubdomain, portNumber, report } from '../../field-checks'
import { isIP } from '../../ip-checks'
import type { HTTPIngressPath, HTTPIngressRuleValue, IngressBackend, IngressSpec } from './types'

const sequences = ['//', '/./', '/../', '%2f', '%2F']
const suffixes = ['/..', '/.']

/** `old`: where it was let through with bad names of secrets, or with bad paths under wildcards, it may stay so. */
export function validateIngress(spec: IngressSpec, errors: FieldErrors, old?: IngressSpec): void {
  const anySecret = (old?.tls ?? []).some(({ secretName }) => secretName && isDns1123Subdomain(secretName).length > 0)
  const anyWildcard = (old?.rules ?? []).some(({ host, http }) => host?.includes('*') && http && !isSound(http))
  const { rules = [], tls = [], defaultBackend, ingressClassName } = spec
  if (rules.length === 0 && !defaultBackend) errors.invalid(spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified')
  if (defaultBackend) validateBackend(defaultBackend, errors.at('defaultBackend'))
  for (const [i, { host, http }] of rules.entries()) {
    const at = errors.at('rules', i)
    if (host) {
      if (isIP(host)) at.at('host').invalid(host, 'must be a DNS name, not an IP address')
      validateHost(at, 'host', host)
    }
    if (http && !(anyWildcard && host?.includes('*'))) validatePaths(http, at.at('http', 'paths'))
  }
  for (const [i, { hosts, secretName }] of tls.entries()) {
    for (const [j, host] of (hosts ?? []).entries()) validateHost(errors.at('tls', i, 'hosts'), j, host)
    if (secretName && !anySecret) dnsSubdomain(errors.at('tls', i), 'secretName', secretName)
  }
  if (ingressClassName !== undefined) dnsSubdomain(errors, 'ingressClassName', ingressClassName)
}

function validatePaths({ paths }: HTTPIngressRuleValue, errors: FieldErrors): void {
  if (!paths?.length) errors.required()
  for (const [i, path] of (paths ?? []).entries()) validatePath(path, errors.at(i))
}

function isSound(http: HTTPIngressRuleValue): boolean {
  const errors = new FieldErrors()
  validatePaths(http, errors)
  return !errors.any
}

function validateHost(errors: FieldErrors, field: string | number, host: string): void {
  if (host.includes('*')) report(errors, field, host, isWildcardDns1123Subdomain(host))
  else dnsSubdomain(errors, field, host)
}

function validatePath({ path = '', pathType, backend }: HTTPIngressPath, errors: FieldErrors): void {
  if (pathType === undefined || pathType === null) return errors.at('pathType').required('pathType must be specified')
  const at = errors.at('path')
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) at.invalid(path, 'must be an absolute path')
    for (const sequence of sequences) if (path.includes(sequence)) at.invalid(path, `must not contain '${sequence}'`)
    for (const suffix of suffixes) if (path.endsWith(suffix)) at.invalid(path, `cannot end with '${suffix}'`)
  } else if (pathType === 'ImplementationSpecific') {
    if (path && !path.startsWith('/')) at.invalid(path, 'must be an absolute path')
  } else errors.at('pathType').notSupported(pathType, ['Exact', 'ImplementationSpecific', 'Prefix'])
  validateBackend(backend ?? {}, errors.at('backend'))
}

function validateBackend({ resource, service }: IngressBackend, errors: FieldErrors): void {
  if (resource && service) return errors.invalid('', 'cannot set both resource and service backends')
  if (resource) {
    const at = errors.at('resource')
    if (resource.apiGroup !== undefined && resource.apiGroup !== null) dnsSubdomain(at, 'apiGroup', resource.apiGroup)
    for (const field of ['kind', 'name'] as const) {
      if (!resource[field]) at.at(field).required()
      else report(at, field, resource[field], isPathSegmentName(resource[field]))
    }
    return
  }
  if (!service) return errors.invalid('', 'resource or service backend is required')
  const at = errors.at('service')
  if (!service.name) at.at('name').required()
  else dnsLabel(at, 'name', service.name)
  const { name, number } = service.port ?? {}
  if (name && number) errors.invalid('', 'cannot set both port name & port number')
  else if (name) report(at.at('port'), 'name', name, isPortName(name))
  else if (number) portNumber(at.at('port'), 'number', number)
  else errors.required('port name or number is required')
}
