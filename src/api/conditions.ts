import type { FieldErrors } from '#apimachinery/field-errors'
import type { Condition } from '#apimachinery/meta/v1/types'
import { byteLength, regexError } from '#apimachinery/names'
import { qualifiedName } from './field-checks'

const statuses = ['False', 'True', 'Unknown']
const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const reason = new RegExp(`^${reasonPattern}$`)
const badReason = regexError(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  reasonPattern, 'my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB',
)

/** Conditions in the form that all newer kinds share. */
export function validateConditions(errors: FieldErrors, conditions: readonly Condition[] | undefined | null): void {
  const types = new Set<string>()
  for (const [i, condition] of (conditions ?? []).entries()) {
    const at = errors.at(i)
    if (types.has(condition.type)) at.at('type').duplicate(condition.type)
    types.add(condition.type)
    validateCondition(at, condition)
  }
}

function validateCondition(errors: FieldErrors, condition: Condition): void {
  qualifiedName(errors, 'type', condition.type)
  if (!statuses.includes(condition.status)) errors.at('status').notSupported(condition.status, statuses)
  if ((condition.observedGeneration ?? 0) < 0) errors.at('observedGeneration').invalid(condition.observedGeneration, 'must be greater than or equal to zero')
  if (!condition.lastTransitionTime) errors.at('lastTransitionTime').required()
  if (!condition.reason) errors.at('reason').required()
  else {
    if (!reason.test(condition.reason)) errors.at('reason').invalid(condition.reason, badReason)
    if (byteLength(condition.reason) > 1024) errors.at('reason').tooLong(1024)
  }
  if (byteLength(condition.message ?? '') > 32 * 1024) errors.at('message').tooLong(32 * 1024)
}
