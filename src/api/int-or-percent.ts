import type { FieldErrors } from '#apimachinery/field-errors'
import type { IntOrString } from '#apimachinery/meta/v1/scalars'
import { isPercent } from '#apimachinery/names'
import { type Field, nonNegative, report } from './field-checks'

/** A count that is not negative, or a percentage. */
export function positiveIntOrPercent(errors: FieldErrors, field: Field, value: IntOrString): void {
  if (typeof value === 'number') nonNegative(errors, field, value)
  else report(errors, field, value, isPercent(value))
}

/** Undefined where the text is no percentage. */
export function percentage(value: IntOrString | undefined): number | undefined {
  return typeof value === 'string' && isPercent(value).length === 0 ? Number.parseInt(value, 10) : undefined
}

export function notAbove100Percent(errors: FieldErrors, field: Field, value: IntOrString | undefined): void {
  if ((percentage(value) ?? 0) > 100) errors.at(field).invalid(value, 'must not be greater than 100%')
}

/** Of a text that is neither a percentage nor a number too. */
export const isZero = (value: IntOrString | undefined): boolean =>
  typeof value === 'string' ? (percentage(value) ?? (/^[+-]?\d+$/.test(value) ? Number(value) : 0)) === 0 : !value
