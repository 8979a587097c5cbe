// Expressions of policies and match conditions: where they stand, and what may be said beside them.
import type { CelEnvironment } from '#apimachinery/cel/contract'
import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength } from '#apimachinery/names'
import { qualifiedName } from '../../field-checks'
import { boolType, checkExpression, environmentOf, jsonPatch as operations, objectToApply, stringOrNull, stringType } from './language'
import type { AuditAnnotation, MatchCondition, Mutation, Validation, Variable } from './types'

/** What expressions may name beside the request. */
export interface ExpressionContext {
  /** The policy has a paramKind. */
  readonly params: boolean
}

/** The policy's own variables, which may be named too. */
export interface PolicyContext extends ExpressionContext {
  readonly variables: readonly Variable[]
}

const maxConditions = 64
const maxAuditAnnotations = 20
const maxValueExpression = 5 * 1024

export function validateConditions(conditions: readonly MatchCondition[] | undefined, { params }: ExpressionContext, errors: FieldErrors): void {
  if (!conditions) return
  if (conditions.length > maxConditions) errors.tooMany(conditions.length, maxConditions)
  const names = new Set<string>()
  for (const [i, { name, expression }] of conditions.entries()) {
    const at = errors.at(i)
    const trimmed = expression.trim()
    if (trimmed === '') at.at('expression').required()
    // They are asked before there are variables.
    else checkExpression(at.at('expression'), trimmed, environmentOf({ params, authorizer: true }).environment, boolType)
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

export function validateVariables(variables: readonly Variable[] | undefined, { params }: ExpressionContext, errors: FieldErrors): void {
  const { problems } = environmentOf({ params, authorizer: true }, variables)
  for (const [i, { name, expression }] of (variables ?? []).entries()) {
    const at = errors.at(i)
    if (name.trim() === '') at.at('name').required('name is not specified')
    else if (!isIdentifier(name)) at.at('name').invalid(name, 'must be a valid CEL identifier')
    if (expression.trim() === '') at.at('expression').required('expression is not specified')
    else if (problems[i] !== undefined) at.at('expression').invalid(expression, problems[i])
  }
}

export function validateValidations(validations: readonly Validation[] | undefined, { params, variables }: PolicyContext, errors: FieldErrors): void {
  const { environment } = environmentOf({ params, authorizer: true }, variables)
  let forMessages: CelEnvironment | undefined
  for (const [i, { expression, message, messageExpression, reason }] of (validations ?? []).entries()) {
    const at = errors.at(i)
    if (expression.trim() === '') at.at('expression').required('expression is not specified')
    else checkExpression(at.at('expression'), expression, environment, boolType)
    if (messageExpression && messageExpression.trim() === '') at.at('messageExpression').invalid(messageExpression, 'must be non-empty if specified')
    else if (messageExpression) checkExpression(at.at('messageExpression'), messageExpression, (forMessages ??= environmentOf({ params }, variables).environment), stringType)
    if (message && message.trim() === '') at.at('message').invalid(message, 'must be non-empty if specified')
    else if (message && /[\n\r]/.test(message.trim())) at.at('message').invalid(message, 'must not contain line breaks')
    if (reason !== undefined && !reasons.includes(reason)) at.at('reason').notSupported(reason, reasons)
  }
}

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

export function validateAuditAnnotations(annotations: readonly AuditAnnotation[] | undefined, policy: string, { params, variables }: PolicyContext, errors: FieldErrors): void {
  if (!annotations) return
  const { environment } = environmentOf({ params, authorizer: true }, variables)
  if (annotations.length > maxAuditAnnotations) errors.invalid(annotations, `must not have more than ${maxAuditAnnotations} auditAnnotations`)
  const keys = new Set<string>()
  for (const [i, { key, valueExpression }] of annotations.entries()) {
    const at = errors.at(i)
    if (policy) qualifiedName(at, 'key', `${policy}/${key}`)
    else at.at('key').invalid(key, 'requires metadata.name be non-empty')
    const trimmed = valueExpression.trim()
    if (trimmed === '') at.at('valueExpression').required('valueExpression is not specified')
    else if (byteLength(trimmed) > maxValueExpression) at.at('valueExpression').required(`must not exceed ${maxValueExpression} bytes in length`)
    else checkExpression(at.at('valueExpression'), trimmed, environment, stringOrNull, valueExpression)
    if (keys.has(key)) at.at('key').duplicate(key)
    keys.add(key)
  }
}

export function validateMutations(mutations: readonly Mutation[] | undefined, { params, variables }: PolicyContext, errors: FieldErrors): void {
  const { environment } = environmentOf({ params, authorizer: true, patchTypes: true }, variables)
  const check = (at: FieldErrors, expression: string | undefined, expect: () => ReturnType<typeof operations>): void => {
    const trimmed = expression?.trim()
    if (trimmed) checkExpression(at, trimmed, environment, expect())
    else at.required()
  }
  for (const [i, { patchType, applyConfiguration, jsonPatch }] of (mutations ?? []).entries()) {
    const at = errors.at(i)
    if (!patchType) at.at('patchType').required()
    else if (patchType === 'JSONPatch') {
      if (!jsonPatch) at.at('jsonPatch').required('must be specified when patchType is JSONPatch')
      else check(at.at('jsonPatch', 'expression'), jsonPatch.expression, operations)
      if (applyConfiguration) at.at('applyConfiguration').invalid('{applyConfiguration}', 'must not be specified when patchType is JSONPatch')
    } else if (patchType === 'ApplyConfiguration') {
      if (!applyConfiguration) at.at('applyConfiguration').required('must be specified when patchType is ApplyConfiguration')
      else check(at.at('applyConfiguration', 'expression'), applyConfiguration.expression, objectToApply)
      if (jsonPatch) at.at('jsonPatch').invalid('{jsonPatch}', 'must not be specified when patchType is ApplyConfiguration')
    } else at.at('patchType').notSupported(patchType, ['ApplyConfiguration', 'JSONPatch'])
  }
}
