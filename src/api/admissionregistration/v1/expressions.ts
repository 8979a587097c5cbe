// Expressions of policies and match conditions: where they stand, and what may be said beside them.
import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength } from '#apimachinery/names'
import { qualifiedName } from '../../field-checks'
import type { AuditAnnotation, MatchCondition, Mutation, Validation, Variable } from './types'

/** What expressions may name beside the request. */
export interface ExpressionContext {
  /** The policy has a paramKind. */
  readonly params: boolean
}

const maxConditions = 64
const maxAuditAnnotations = 20
const maxValueExpression = 5 * 1024

export function validateConditions(conditions: readonly MatchCondition[] | undefined, _context: ExpressionContext, errors: FieldErrors): void {
  if (!conditions) return
  if (conditions.length > maxConditions) errors.tooMany(conditions.length, maxConditions)
  const names = new Set<string>()
  for (const [i, { name, expression }] of conditions.entries()) {
    const at = errors.at(i)
    if (expression.trim() === '') at.at('expression').required()
    if (!name) at.at('name').required()
    else qualifiedName(at, 'name', name)
    if (name && names.has(name)) at.at('name').duplicate(name)
    names.add(name)
  }
}

const reserved = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while',
])
const isIdentifier = (name: string): boolean => /^[_a-zA-Z]\w*$/.test(name) && !reserved.has(name)

export function validateVariables(variables: readonly Variable[] | undefined, errors: FieldErrors): void {
  for (const [i, { name, expression }] of (variables ?? []).entries()) {
    const at = errors.at(i)
    if (name.trim() === '') at.at('name').required('name is not specified')
    else if (!isIdentifier(name)) at.at('name').invalid(name, 'must be a valid CEL identifier')
    if (expression.trim() === '') at.at('expression').required('expression is not specified')
  }
}

export function validateValidations(validations: readonly Validation[] | undefined, errors: FieldErrors): void {
  for (const [i, { expression, message, messageExpression, reason }] of (validations ?? []).entries()) {
    const at = errors.at(i)
    if (expression.trim() === '') at.at('expression').required('expression is not specified')
    if (messageExpression && messageExpression.trim() === '') at.at('messageExpression').invalid(messageExpression, 'must be non-empty if specified')
    if (message && message.trim() === '') at.at('message').invalid(message, 'must be non-empty if specified')
    else if (message && /[\n\r]/.test(message.trim())) at.at('message').invalid(message, 'must not contain line breaks')
    if (reason !== undefined && !reasons.includes(reason)) at.at('reason').notSupported(reason, reasons)
  }
}

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

export function validateAuditAnnotations(annotations: readonly AuditAnnotation[] | undefined, policy: string, errors: FieldErrors): void {
  if (!annotations) return
  if (annotations.length > maxAuditAnnotations) errors.invalid(annotations, `must not have more than ${maxAuditAnnotations} auditAnnotations`)
  const keys = new Set<string>()
  for (const [i, { key, valueExpression }] of annotations.entries()) {
    const at = errors.at(i)
    if (policy) qualifiedName(at, 'key', `${policy}/${key}`)
    else at.at('key').invalid(key, 'requires metadata.name be non-empty')
    const trimmed = valueExpression.trim()
    if (trimmed === '') at.at('valueExpression').required('valueExpression is not specified')
    else if (byteLength(trimmed) > maxValueExpression) at.at('valueExpression').required(`must not exceed ${maxValueExpression} bytes in length`)
    if (keys.has(key)) at.at('key').duplicate(key)
    keys.add(key)
  }
}

export function validateMutations(mutations: readonly Mutation[] | undefined, errors: FieldErrors): void {
  for (const [i, { patchType, applyConfiguration, jsonPatch }] of (mutations ?? []).entries()) {
    const at = errors.at(i)
    if (!patchType) at.at('patchType').required()
    else if (patchType === 'JSONPatch') {
      if (!jsonPatch) at.at('jsonPatch').required('must be specified when patchType is JSONPatch')
      else if (!jsonPatch.expression?.trim()) at.at('jsonPatch', 'expression').required()
      if (applyConfiguration) at.at('applyConfiguration').invalid('{applyConfiguration}', 'must not be specified when patchType is JSONPatch')
    } else if (patchType === 'ApplyConfiguration') {
      if (!applyConfiguration) at.at('applyConfiguration').required('must be specified when patchType is ApplyConfiguration')
      else if (!applyConfiguration.expression?.trim()) at.at('applyConfiguration', 'expression').required()
      if (jsonPatch) at.at('jsonPatch').invalid('{jsonPatch}', 'must not be specified when patchType is ApplyConfiguration')
    } else at.at('patchType').notSupported(patchType, ['ApplyConfiguration', 'JSONPatch'])
  }
}
