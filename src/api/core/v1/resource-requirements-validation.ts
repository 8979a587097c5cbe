import type { FieldErrors } from '#apimachinery/field-errors'
import { canonicalQuantity, compareQuantities, isQuantity, quantityMilliValue, quantitySign, quantityValue } from '#apimachinery/quantity'
import { dnsLabel, dnsSubdomain } from '../../field-checks'
import { containerResourceName, isCounted, isHugePages, mayOvercommit, podResourceName } from './resource-names'
import type { ContainerResizePolicy, PodResourceClaim, ResourceClaim, ResourceRequirements } from './types'

/** Exact decimals cost ten times as much as numbers; rounded up to thousandths, different amounts keep their order. */
function quickDifference(a: string, b: string): number {
  return quantityMilliValue(a) - quantityMilliValue(b) || compareQuantities(a, b)
}

/** Not below zero, and whole where a thing can only be counted. */
export function resourceQuantity(errors: FieldErrors, name: string, quantity: string): void {
  if (quantity.startsWith('-')) errors.invalid(quantity, 'must be greater than or equal to 0')
  if (isCounted(name) && quantityMilliValue(quantity) % 1000 !== 0) errors.invalid(quantity, 'must be an integer')
}

/** A whole number of pages of the size that the name says. */
function wholePages(errors: FieldErrors, name: string, quantity: string): void {
  const size = name.slice('hugepages-'.length)
  const bytes = isQuantity(size) && quantitySign(size) > 0 && quantityMilliValue(size) % 1000 === 0 ? quantityValue(size) : 0
  if (bytes > 0 && quantityValue(quantity) % bytes === 0) return
  const shown = canonicalQuantity(quantity)
  errors.invalid(shown, `${shown} is not positive integer multiple of ${name}`)
}

export function validateResources(resources: ResourceRequirements, claims: readonly PodResourceClaim[] | undefined, errors: FieldErrors, ofPod = false): void {
  const { limits, requests } = resources
  const checkName = ofPod ? podResourceName : containerResourceName
  let hugePages = false
  let compute = false
  for (const name in limits) {
    const quantity = limits[name]!
    if (name === 'cpu' || name === 'memory') {
      compute = true
      if (quantity.startsWith('-')) resourceQuantity(errors.at('limits').key(name), name, quantity)
      continue
    }
    const at = errors.at('limits').key(name)
    checkName(at, name)
    resourceQuantity(at, name, quantity)
    if (isHugePages(name)) {
      hugePages = true
      wholePages(at, name, quantity)
    }
  }
  for (const name in requests) {
    const quantity = requests[name]!
    if (name === 'cpu' || name === 'memory') {
      compute = true
      if (quantity.startsWith('-')) resourceQuantity(errors.at('requests').key(name), name, quantity)
    } else {
      const at = errors.at('requests').key(name)
      checkName(at, name)
      resourceQuantity(at, name, quantity)
      if (isHugePages(name)) {
        hugePages = true
        wholePages(at, name, quantity)
      }
    }
    const limit = limits?.[name]
    if (limit === undefined) {
      if (!mayOvercommit(name)) errors.at('limits').required('Limit must be set for non overcommitable resources')
    } else if (quantity !== limit) {
      const difference = quickDifference(quantity, limit)
      if (difference !== 0 && !mayOvercommit(name)) {
        errors.at('requests').invalid(canonicalQuantity(quantity), `must be equal to ${name} limit of ${canonicalQuantity(limit)}`)
      } else if (difference > 0) {
        errors.at('requests').invalid(canonicalQuantity(quantity), `must be less than or equal to ${name} limit of ${canonicalQuantity(limit)}`)
      }
    }
  }
  if (hugePages && !compute) errors.forbidden('HugePages require cpu or memory')
  if (resources.claims) validateClaimNames(resources.claims, claims, errors.at('claims'))
}

function validateClaimNames(used: readonly ResourceClaim[], declared: readonly PodResourceClaim[] | undefined, errors: FieldErrors): void {
  const seen = new Set<string>()
  for (let i = 0; i < used.length; i++) {
    const { name, request } = used[i]!
    if (!name) {
      errors.at(i).required()
      continue
    }
    const key = request ? `${name}/${request}` : name
    if (request) dnsLabel(errors.at(i), 'request', request)
    if (seen.has(name)) errors.at(i).duplicate(name)
    else if (seen.has(key)) errors.at(i).duplicate(key)
    else if (!request && [...seen].some((other) => other.startsWith(`${name}/`))) errors.at(i).duplicate(name)
    seen.add(key)
    if (declared?.some((claim) => claim.name === name)) continue
    const names = [...new Set((declared ?? []).map((claim) => claim.name))].filter(Boolean).sort()
    errors.at(i).notFound(name, `must be one of the names in pod.spec.resourceClaims${names.length > 0 ? `: ${names.join(', ')}` : ' which is empty'}`)
  }
}

export function validateResizePolicy(policies: readonly ContainerResizePolicy[], podRestartPolicy: string, errors: FieldErrors): void {
  const seen = new Set<string>()
  for (let i = 0; i < policies.length; i++) {
    const { resourceName, restartPolicy } = policies[i]!
    if (seen.has(resourceName)) errors.at(i).duplicate(resourceName)
    seen.add(resourceName)
    if (!resourceName) errors.required()
    else if (resourceName !== 'cpu' && resourceName !== 'memory') errors.notSupported(resourceName, ['cpu', 'memory'])
    if (!restartPolicy) errors.required()
    else if (restartPolicy !== 'NotRequired' && restartPolicy !== 'RestartContainer') errors.notSupported(restartPolicy, ['NotRequired', 'RestartContainer'])
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      errors.invalid(restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")
    }
  }
}

export function validatePodResourceClaims(claims: readonly PodResourceClaim[], errors: FieldErrors): void {
  const seen = new Set<string>()
  for (let i = 0; i < claims.length; i++) {
    const { name, resourceClaimName, resourceClaimTemplateName } = claims[i]!
    const at = errors.at(i)
    // The original prints its own structure here.
    const shown = { Name: name, ResourceClaimName: resourceClaimName ?? null, ResourceClaimTemplateName: resourceClaimTemplateName ?? null }
    if (!name) at.at('name').required()
    else if (seen.has(name)) at.at('name').duplicate(name)
    else dnsLabel(at, 'name', name)
    seen.add(name)
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      at.invalid(shown, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified')
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      at.invalid(shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')
    }
    if (resourceClaimName !== undefined) dnsSubdomain(at, 'resourceClaimName', resourceClaimName)
    if (resourceClaimTemplateName !== undefined) dnsSubdomain(at, 'resourceClaimTemplateName', resourceClaimTemplateName)
  }
}
