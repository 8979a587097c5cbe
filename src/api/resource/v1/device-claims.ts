// Requests for devices, in claims and in their templates.
import type { FieldErrors } from '#apimachinery/field-errors'
import { dnsLabel, dnsSubdomain, optionalOneOf } from '../../field-checks'
import type { DeviceClaim, DeviceSubRequest, ExactDeviceRequest } from './types'

type Request = ExactDeviceRequest | DeviceSubRequest

export function defaultDevices({ requests }: DeviceClaim): void {
  for (const { exactly, firstAvailable } of requests ?? []) {
    for (const request of [...(exactly ? [exactly] : []), ...(firstAvailable ?? [])]) {
      if (request.allocationMode === 'ExactCount') request.count ||= 1
    }
  }
}

export function validateDevices({ requests }: DeviceClaim, errors: FieldErrors): void {
  const names = new Set<string>()
  const list = requests ?? []
  if (list.length > 32) errors.at('requests').tooMany(list.length, 32)
  for (const [i, { name, exactly, firstAvailable }] of list.entries()) {
    const at = errors.at('requests', i)
    if (!name) at.at('name').required()
    else dnsLabel(at, 'name', name)
    if (names.has(name)) at.at('name').duplicate(name)
    names.add(name)
    if (exactly && firstAvailable?.length) at.invalid(null, 'exactly one of `exactly` or `firstAvailable` must be specified')
    else if (!exactly && !firstAvailable?.length) at.required('exactly one of `exactly` or `firstAvailable` is required')
    if (exactly) validateRequest(exactly, at.at('exactly'))
    for (const [j, request] of (firstAvailable ?? []).entries()) {
      if (!request.name) at.at('firstAvailable', j, 'name').required()
      else dnsLabel(at.at('firstAvailable', j), 'name', request.name)
      validateRequest(request, at.at('firstAvailable', j))
    }
  }
}

function validateRequest({ deviceClassName, selectors, allocationMode, count }: Request, errors: FieldErrors): void {
  if (!deviceClassName) errors.at('deviceClassName').required()
  else dnsSubdomain(errors, 'deviceClassName', deviceClassName)
  for (const [i, { cel }] of (selectors ?? []).entries()) if (!cel) errors.at('selectors', i, 'cel').required()
  optionalOneOf(errors, 'allocationMode', allocationMode, ['All', 'ExactCount'])
  if (allocationMode === 'ExactCount' && count !== undefined && count <= 0) errors.at('count').invalid(count, 'must be greater than zero')
  if (allocationMode === 'All' && count) errors.at('count').invalid(count, "must not be specified when allocationMode is 'All'")
}
