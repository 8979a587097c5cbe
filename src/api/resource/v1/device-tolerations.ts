import type { FieldErrors } from '#apimachinery/field-errors'
import { isLabelValue, isQualifiedName } from '#apimachinery/names'
import { report } from '../../field-checks'
import type { DeviceTaint, DeviceToleration } from './types'

const effects = ['NoExecute', 'NoSchedule', 'None']

export function validateTaint({ key, value, effect }: DeviceTaint, errors: FieldErrors): void {
  report(errors, 'key', key, isQualifiedName(key))
  if (value) report(errors, 'value', value, isLabelValue(value))
  if (!effect) errors.at('effect').required()
  else if (!effects.includes(effect)) errors.at('effect').notSupported(effect, effects)
}

export function validateToleration({ key, operator, value = '', effect }: DeviceToleration, errors: FieldErrors): void {
  if (key) report(errors, 'key', key, isQualifiedName(key))
  if (operator === 'Exists') {
    if (value !== '') errors.at('value').invalid(value, 'must be empty for operator `Exists`')
  } else if (operator === 'Equal') report(errors, 'value', value, isLabelValue(value))
  else if (!operator) errors.at('operator').required()
  else errors.at('operator').notSupported(operator, ['Equal', 'Exists'])
  if (effect && !effects.includes(effect)) errors.at('effect').notSupported(effect, effects)
}

/** A device may ask for conditions before pods are bound to it, and name those that mean that it failed: both, or neither. */
export function validateBindingConditions({ bindingConditions, bindingFailureConditions }: { bindingConditions?: string[]; bindingFailureConditions?: string[] }, errors: FieldErrors): void {
  const wanted = bindingConditions ?? []
  const failures = bindingFailureConditions ?? []
  const [atWanted, atFailures] = [errors.at('bindingConditions'), errors.at('bindingFailureConditions')]
  for (const [list, at] of [[wanted, atWanted], [failures, atFailures]] as const) {
    if (list.length > 4) at.tooMany(list.length, 4)
    else for (const [i, condition] of list.entries()) report(at, i, condition, isQualifiedName(condition))
  }
  for (const [i, condition] of wanted.entries()) if (wanted.indexOf(condition) < i) atWanted.at(i).duplicate(condition)
  for (const [i, condition] of failures.entries()) {
    if (failures.indexOf(condition) < i) atFailures.at(i).duplicate(condition)
    if (wanted.includes(condition)) atFailures.at(i).invalid(condition, 'bindingFailureConditions must not overlap with bindingConditions')
  }
  if (wanted.length === 0 && failures.length > 0) atWanted.invalid(bindingConditions ?? null, 'bindingConditions are required to use bindingFailureConditions')
  if (failures.length === 0 && wanted.length > 0) atFailures.invalid(bindingFailureConditions ?? null, 'bindingFailureConditions are required to use bindingConditions')
}
