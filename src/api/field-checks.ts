// Checks of single fields. Each takes the errors of the parent and the field's name, so that a valid value builds no path.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import {
  isDns1123Label, isDns1123Subdomain, isLabelValue, isPortName, isQualifiedName,
} from '#apimachinery/names'

/** A field's name, or a place in a list. */
export type Field = string | number

/** One `Invalid value` per message. */
export function report(errors: FieldErrors, field: Field, value: unknown, messages: readonly string[]): void {
  for (const message of messages) errors.at(field).invalid(value, message)
}

export const dnsLabel = (errors: FieldErrors, field: Field, value: string): void => report(errors, field, value, isDns1123Label(value))
export const dnsSubdomain = (errors: FieldErrors, field: Field, value: string): void => report(errors, field, value, isDns1123Subdomain(value))
/** A label's key, a condition's type, a resource's name: `example.com/name`. */
export const qualifiedName = (errors: FieldErrors, field: Field, value: string): void => report(errors, field, value, isQualifiedName(value))

export function required(errors: FieldErrors, field: Field, value: string | undefined | null, detail = ''): value is string {
  if (value) return true
  errors.at(field).required(detail)
  return false
}

/** Empty or absent: required; anything else must be in the list, which the message repeats in its order. */
export function oneOf(errors: FieldErrors, field: Field, value: string | undefined | null, supported: readonly string[], detail = ''): void {
  if (value === undefined || value === null || value === '') errors.at(field).required(detail)
  else if (!supported.includes(value)) errors.at(field).notSupported(value, supported)
}

/** As `oneOf`, but the field may be absent; an empty text is as wrong as any other. */
export function optionalOneOf(errors: FieldErrors, field: Field, value: string | undefined | null, supported: readonly string[]): void {
  if (value !== undefined && value !== null && !supported.includes(value)) errors.at(field).notSupported(value, supported)
}

export function nonNegative(errors: FieldErrors, field: Field, value: number | undefined | null): void {
  if (value !== undefined && value !== null && value < 0) errors.at(field).invalid(value, 'must be greater than or equal to 0')
}
export function positive(errors: FieldErrors, field: Field, value: number | undefined | null): void {
  if (value !== undefined && value !== null && value <= 0) errors.at(field).invalid(value, 'must be greater than zero')
}
/** Bounds are inclusive. */
export function inRange(errors: FieldErrors, field: Field, value: number, low: number, high: number): void {
  if (value < low || value > high) errors.at(field).invalid(value, `must be between ${low} and ${high}, inclusive`)
}

export function portNumber(errors: FieldErrors, field: Field, value: number): void {
  if (value < 1 || value > 65535) errors.at(field).invalid(value, 'must be between 1 and 65535, inclusive')
}
export function portNumberOrName(errors: FieldErrors, field: Field, value: number | string): void {
  if (typeof value === 'number') portNumber(errors, field, value)
  else report(errors, field, value, isPortName(value))
}

export function labels(errors: FieldErrors, field: Field, value: Readonly<Record<string, string>> | undefined | null): void {
  if (!value) return
  for (const key in value) {
    qualifiedName(errors, field, key)
    report(errors, field, value[key], isLabelValue(value[key]!))
  }
}

export function annotations(errors: FieldErrors, field: Field, value: Readonly<Record<string, string>>): void {
  let size = 0
  for (const key in value) {
    // Upper case was once let through here, and still is.
    report(errors, field, key, isQualifiedName(key.toLowerCase()))
    size += key.length + value[key]!.length
  }
  if (size > 256 * 1024) errors.at(field).tooLong(256 * 1024)
}

export function labelSelector(errors: FieldErrors, field: Field, selector: LabelSelector | undefined | null): void {
  if (!selector) return
  if (selector.matchLabels) labels(errors.at(field), 'matchLabels', selector.matchLabels)
  if (!selector.matchExpressions) return
  const list = errors.at(field, 'matchExpressions')
  for (const [i, { key, operator, values }] of selector.matchExpressions.entries()) {
    operatorAndValues(list.at(i), operator, values)
    qualifiedName(list.at(i), 'key', key)
    for (const [j, value] of (values ?? []).entries()) report(list.at(i, 'values'), j, value, isLabelValue(value))
  }
}

function operatorAndValues(errors: FieldErrors, operator: string, values: readonly string[] | undefined): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (!values?.length) errors.at('values').required("must be specified when `operator` is 'In' or 'NotIn'")
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values?.length) errors.at('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
  } else {
    errors.at('operator').invalid(operator, 'not a valid selector operator')
  }
}
