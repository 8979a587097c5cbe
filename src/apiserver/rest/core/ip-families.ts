// Which families of addresses a Service gets: what it asks for, what its addresses say, and what the cluster has.
import { validateClusterIPs } from '#api/core/v1/service-validation'
import type { Service } from '#api/core/v1/types'
import { semanticallyEqual } from '#api/semantic-equality'
import type { FieldErrors } from '#apimachinery/field-errors'

type Spec = Service['spec']

const familyOf = (ip: string): string => (ip.includes(':') ? 'IPv6' : 'IPv4')
const other = (family: string): string => (family === 'IPv4' ? 'IPv6' : 'IPv4')
const same = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean => semanticallyEqual(a ?? [], b ?? [])

/** A cluster that came to have two families, or lost one, changes no Service of its own accord. */
function staysAsItIs(spec: Spec, old: Spec): boolean {
  return spec.type === old.type && spec.ipFamilyPolicy === 'PreferDualStack' && (old.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack'
    && spec.clusterIP === old.clusterIP && same(spec.clusterIPs, old.clusterIPs) && same(spec.ipFamilies, old.ipFamilies)
}

const fewer = (now: readonly string[] | undefined, before: readonly string[] | undefined): boolean => now !== undefined && now.length > 0 && now.length < (before?.length ?? 0)

/** Writes policy and families into `spec`. False, with the errors told (`errors` stands at the spec), when that cannot be. */
export function settleFamilies(spec: Spec, old: Spec | undefined, ranges: readonly string[], errors: FieldErrors): boolean {
  if (spec.type === 'ExternalName' || (old && staysAsItIs(spec, old))) return true
  // A headless Service without a selector names its own endpoints, of any family.
  const freeChoice = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (freeChoice ? 'RequireDualStack' : 'SingleStack')
  validateClusterIPs(spec, old, errors)
  if (errors.any) return false
  const available = ranges.map(familyOf)
  followPolicy(spec, old, errors)
  inferFromAddresses(spec, available, errors)
  if (errors.any) return false
  if (!freeChoice) refuseMissing(spec, available, errors)
  if (errors.any) return false
  const families = spec.ipFamilies?.length ? [...spec.ipFamilies] : [available[0] ?? 'IPv4']
  if (spec.ipFamilyPolicy !== 'SingleStack' && families.length === 1 && (freeChoice || available.includes(other(families[0]!)))) families.push(other(families[0]!))
  spec.ipFamilies = families
  return true
}

/** One family is wish enough to let go of the second; to let go of it under another policy is not. */
function followPolicy(spec: Spec, old: Spec | undefined, errors: FieldErrors): void {
  const at = errors.at('ipFamilyPolicy')
  const single = spec.ipFamilyPolicy === 'SingleStack'
  if (old && single) {
    if (spec.clusterIP === old.clusterIP && same(spec.clusterIPs, old.clusterIPs) && spec.clusterIPs) spec.clusterIPs = spec.clusterIPs.slice(0, 1)
    if (same(spec.ipFamilies, old.ipFamilies) && spec.ipFamilies) spec.ipFamilies = spec.ipFamilies.slice(0, 1)
  } else if (old) {
    if (fewer(spec.clusterIPs, old.clusterIPs)) at.invalid(spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP")
    if (fewer(spec.ipFamilies, old.ipFamilies)) at.invalid(spec.ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family")
  }
  if (!single) return
  if (spec.clusterIPs?.length === 2) at.invalid(spec.ipFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified")
  if (spec.ipFamilies?.length === 2) at.invalid(spec.ipFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified")
}

function inferFromAddresses(spec: Spec, available: readonly string[], errors: FieldErrors): void {
  for (const [i, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip === 'None') return
    if (i < (spec.ipFamilies?.length ?? 0)) continue
    const family = familyOf(ip)
    if (!available.includes(family)) errors.at('clusterIPs', i).invalid(spec.clusterIPs, `${family} is not configured on this cluster`)
    else spec.ipFamilies = [...(spec.ipFamilies ?? []), family]
  }
}

function refuseMissing(spec: Spec, available: readonly string[], errors: FieldErrors): void {
  if (spec.ipFamilyPolicy === 'RequireDualStack' && new Set(available).size < 2) {
    errors.at('ipFamilyPolicy').invalid(spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services')
  }
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) if (!available.includes(family)) errors.at('ipFamilies', i).invalid(family, 'not configured on this cluster')
}
