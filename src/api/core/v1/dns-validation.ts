// How a pod is called and how it resolves names.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1123SubdomainWithUnderscore } from '#apimachinery/names'
import { dnsSubdomain, report } from '../../field-checks'
import { ipAddress } from '../../ip-checks'
import type { HostAlias, PodSpec } from './types'

export function validateDns({ dnsConfig, dnsPolicy }: PodSpec, errors: FieldErrors): void {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return errors.required('must provide `dnsConfig` when `dnsPolicy` is None')
    if (!dnsConfig.nameservers?.length) return errors.at('nameservers').required('must provide at least one DNS nameserver when `dnsPolicy` is None')
  }
  if (!dnsConfig) return
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  if (nameservers.length > 3) errors.at('nameservers').invalid(nameservers, 'must not have more than 3 nameservers')
  for (const [i, server] of nameservers.entries()) ipAddress(errors.at('nameservers'), i, server)
  if (searches.length > 32) errors.at('searches').invalid(searches, 'must not have more than 32 search paths')
  if (searches.join(' ').length > 2048) errors.at('searches').invalid(searches, 'must not have more than 2048 characters (including spaces) in the search list')
  for (const [i, search] of searches.entries()) {
    if (search === '.') continue
    const domain = search.endsWith('.') ? search.slice(0, -1) : search
    report(errors.at('searches'), i, domain, isDns1123SubdomainWithUnderscore(domain))
  }
  for (const [i, { name }] of options.entries()) if (!name) errors.at('options', i).required('must not be empty')
}

export function validateHostAliases(aliases: readonly HostAlias[], errors: FieldErrors): void {
  for (const [i, { ip, hostnames }] of aliases.entries()) {
    ipAddress(errors.at(i), 'ip', ip)
    for (const [j, hostname] of (hostnames ?? []).entries()) dnsSubdomain(errors.at(i, 'hostnames'), j, hostname)
  }
}

export function validateHostnameOverride(spec: PodSpec, errors: FieldErrors): void {
  const name = spec.hostnameOverride!
  if (spec.setHostnameAsFQDN) errors.at('hostnameOverride').forbidden('may not be specified when setHostnameAsFQDN is true')
  if (spec.hostNetwork) errors.at('hostnameOverride').forbidden('may not be specified when hostNetwork is true')
  if (name.length > 64) errors.at('hostnameOverride').tooLong(64)
  dnsSubdomain(errors, 'hostnameOverride', name)
}
