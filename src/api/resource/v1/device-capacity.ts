// How much of a device's capacity one request may take, where several share it.
import type { FieldErrors } from '#apimachinery/field-errors'
import { addQuantities, canonicalQuantity, compareQuantities, quantityValue } from '#apimachinery/quantity'
import { eachOnce } from '../../bounded-lists'
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from './types'

const mostValues = 10
const text = canonicalQuantity

export function validateSharedCapacity({ value, requestPolicy }: DeviceCapacity, errors: FieldErrors): void {
  if (requestPolicy) validatePolicy(value, requestPolicy, errors.at('requestPolicy'))
}
export function validateWholeCapacity({ requestPolicy }: DeviceCapacity, errors: FieldErrors): void {
  if (requestPolicy) errors.at('requestPolicy').forbidden('allowMultipleAllocations must be true')
}

function validatePolicy(capacity: string, { default: usual, validValues, validRange }: CapacityRequestPolicy, errors: FieldErrors): void {
  if (validValues?.length && validRange) errors.forbidden('exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')
  else if (validValues?.length) {
    if (usual === undefined || usual === null) errors.at('default').required('required when validValues is defined')
    else validateValues(usual, capacity, validValues, errors.at('validValues'))
  } else if (validRange) {
    if (usual === undefined || usual === null) errors.at('default').required('required when validRange is defined')
    else validateRange(usual, capacity, validRange, errors.at('validRange'))
  }
}

function validateValues(usual: string, capacity: string, values: readonly string[], errors: FieldErrors): void {
  for (let i = 1; i < values.length; i++) if (compareQuantities(values[i - 1]!, values[i]!) > 0) errors.at(i).invalid(text(values[i]!), 'values must be sorted in ascending order')
  eachOnce(errors, values, mostValues, (value, at) => {
    if (compareQuantities(value, capacity) > 0) at.invalid(text(value), `option is larger than capacity value: ${text(capacity)}`)
  }, (value) => String(quantityValue(value)))
  const found = values.length <= mostValues && values.some((value) => compareQuantities(value, usual) === 0)
  if (!found) errors.invalid(text(usual), 'default value is not valid according to the requestPolicy')
}

function validateRange(usual: string, capacity: string, { min, max, step }: CapacityRequestPolicyRange, errors: FieldErrors): void {
  if (min === undefined || min === null) return errors.at('min').required('required when validRange is defined')
  if (compareQuantities(min, capacity) > 0) errors.at('min').invalid(text(min), `min is larger than capacity value: ${text(capacity)}`)
  if (compareQuantities(usual, min) < 0) errors.at('min').invalid(text(usual), `default is less than min: ${text(min)}`)
  if (max !== undefined) {
    if (compareQuantities(min, max) > 0) errors.at('max').invalid(text(min), `min is larger than max: ${text(max)}`)
    if (compareQuantities(max, capacity) > 0) errors.at('max').invalid(text(max), `max is larger than capacity value: ${text(capacity)}`)
    if (compareQuantities(usual, max) > 0) errors.at('max').invalid(text(usual), `default is more than max: ${text(max)}`)
  }
  if (step === undefined) return
  const added = addQuantities(min, step)
  if (compareQuantities(added, capacity) > 0) errors.at('step').invalid(text(step), `one step ${added} is larger than capacity value: ${text(capacity)}`)
  for (const value of [usual, ...(max === undefined ? [] : [max])]) {
    // A step of nothing divides by zero in the original: here it fits no value but the first.
    const rest = (quantityValue(value) - quantityValue(min)) % quantityValue(step)
    if (rest !== 0) errors.at('step').invalid(text(value), `value is not a multiple of a given step (${text(step)}) from (${text(min)})`)
  }
}
