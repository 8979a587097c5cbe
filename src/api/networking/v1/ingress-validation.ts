import type { FieldErrors } from '#apimachinery/field-errors'
import { isPathSegmentName, isPortName, isWildcardDns1123Subdomain } from '#apimachinery/names'
import { dnsLabel, dnsSubdomain, portNumber, report } from '../../field-checks'
import { isIP } from '../../ip-checks'
import type { HTTPIngressPath, IngressBackend, IngressSpec } from './types'

const sequences = ['//', '/./', '/../', '%2f', '%2F']
const suffixes = ['/..', '/.']

export function validateIngress(spec: IngressSpec, errors: FieldErrors): void {
  const { rules = [], tls = [], defaultBackend, ingressClassName } = spec
  if (rules.length === 0 && !defaultBackend) errors.invalid(spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified')
  if (defaultBackend) validateBackend(defaultBackend, errors.at('defaultBackend'))
  for (const [i, { host, http }] of rules.entries()) {
    const at = errors.at('rules', i)
    if (host) {
      if (isIP(host)) at.at('host').invalid(host, 'must be a DNS name, not an IP address')
      validateHost(at, 'host', host)
    }
    if (!http) continue
    if (!http.paths?.length) at.at('http', 'paths').required()
    for (const [j, path] of (http.paths ?? []).entries()) validatePath(path, at.at('http', 'paths', j))
  }
  for (const [i, { hosts, secretName }] of tls.entries()) {
    for (const [j, host] of (hosts ?? []).entries()) validateHost(errors.at('tls', i, 'hosts'), j, host)
    if (secretName) dnsSubdomain(errors.at('tls', i), 'secretName', secretName)
  }
  if (ingressClassName !== undefined) dnsSubdomain(errors, 'ingressClassName', ingressClassName)
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
