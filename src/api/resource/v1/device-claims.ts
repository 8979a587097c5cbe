// Requests for devices, in claims and in their templates.
import type { FieldErrors } from '#apimachinery/field-errors'
import { eachOf, eachOnce } from '../../bounded-lists'
import { dnsSubdomain } from '../../field-checks'
import { validateConfiguration } from './device-configuration'
import { validateSelectors } from './device-selectors'
import { validateToleration } from './device-tolerations'
import { fullAttributeName, label } from './names'
import type { DeviceClaim, DeviceConstraint, DeviceRequest, DeviceSubRequest, ExactDeviceRequest } from './types'

const most = 32
const mostAlternatives = 8
const noSuchRequest = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

export function defaultDevices({ requests }: DeviceClaim): void {
  for (const { exactly, firstAvailable } of requests ?? []) {
    for (const request of [...(exactly ? [exactly] : []), ...(firstAvailable ?? [])]) {
      if (request.allocationMode === 'ExactCount') request.count ||= 1
    }
  }
}

/** Names of requests, and of the alternatives of those that have some: `gpu`, `gpu/large`. */
export type RequestNames = ReadonlySet<string>

export function requestNames({ requests }: DeviceClaim): RequestNames {
  const names = new Set<string>()
  for (const { name, firstAvailable } of requests ?? []) {
    names.add(name)
    for (const alternative of firstAvailable ?? []) names.add(`${name}/${alternative.name}`)
  }
  return names
}

export function validateRequestReference(errors: FieldErrors, name: string, names: RequestNames): void {
  const segments = name.split('/')
  if (segments.length > 2) return errors.invalid(name, noSuchRequest)
  for (const segment of segments) label(errors, segment)
  if (!names.has(name)) errors.invalid(name, noSuchRequest)
}

export const validateReferences = (errors: FieldErrors, requests: readonly string[] | undefined, names: RequestNames): void =>
  eachOnce(errors, requests, most, (name, at) => validateRequestReference(at, name, names), (name) => name)

/** `stored`: expressions and parameters were accepted before. */
export function validateDevices(claim: DeviceClaim, errors: FieldErrors): void {
  const names = requestNames(claim)
  eachOnce(errors.at('requests'), claim.requests, most, validateRequest, ({ name }) => name)
  eachOf(errors.at('constraints'), claim.constraints, most, (constraint, at) => validateConstraint(constraint, names, at))
  eachOf(errors.at('config'), claim.config, most, (config, at) => {
    validateReferences(at.at('requests'), config.requests, names)
    validateConfiguration(config, at)
  })
}

function validateRequest({ name, exactly, firstAvailable }: DeviceRequest, errors: FieldErrors): void {
  label(errors.at('name'), name)
  const several = (firstAvailable?.length ?? 0) > 0
  if (!several && !exactly) errors.required('exactly one of `exactly` or `firstAvailable` is required')
  else if (several && exactly) errors.invalid(null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set')
  else if (exactly) validateWanted(exactly, errors.at('exactly'))
  else {
    eachOnce(errors.at('firstAvailable'), firstAvailable, mostAlternatives, (alternative, at) => {
      label(at.at('name'), alternative.name)
      validateWanted(alternative, at)
    }, (alternative) => alternative.name)
  }
}

function validateWanted({ deviceClassName, selectors, allocationMode, count = 0, tolerations }: ExactDeviceRequest | DeviceSubRequest, errors: FieldErrors): void {
  if (!deviceClassName) errors.at('deviceClassName').required()
  else dnsSubdomain(errors, 'deviceClassName', deviceClassName)
  validateSelectors(errors.at('selectors'), selectors, false)
  if (allocationMode === 'All') {
    if (count !== 0) errors.at('count').invalid(count, "must not be specified when allocationMode is 'All'")
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.at('count').invalid(count, 'must be greater than zero')
  } else errors.at('allocationMode').notSupported(allocationMode, ['All', 'ExactCount'])
  for (const [i, toleration] of (tolerations ?? []).entries()) validateToleration(toleration, errors.at('tolerations', i))
}

function validateConstraint({ requests, matchAttribute, distinctAttribute }: DeviceConstraint, names: RequestNames, errors: FieldErrors): void {
  validateReferences(errors.at('requests'), requests, names)
  if (matchAttribute !== undefined) fullAttributeName(errors.at('matchAttribute'), matchAttribute)
  else if (distinctAttribute !== undefined) fullAttributeName(errors.at('distinctAttribute'), distinctAttribute)
  else errors.required('exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set')
}
