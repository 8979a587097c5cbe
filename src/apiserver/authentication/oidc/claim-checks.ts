import type { FieldErrors } from '#apimachinery/field-errors'
import { isDomainPrefixedPath } from '#apimachinery/names'
import { messageOf } from '#base/error-message'
import type { ClaimMappings, ClaimOrExpression, ClaimValidationRule, PrefixedClaim, UserValidationRule } from './authentication-configuration'
import { compileExpression, selectsClaim } from './claim-expressions'

/** An address of mail may only be a name where somebody looked whether it is the user's. */
export interface UsedClaims {
  email: boolean
  emailVerified: boolean
}

export function checkClaimRules(rules: readonly ClaimValidationRule[], used: UsedClaims, errors: FieldErrors): void {
  const claims = new Set<string>()
  const expressions = new Set<string>()
  for (const [i, { claim, expression, message, requiredValue }] of rules.entries()) {
    const at = errors.at(i)
    if (claim !== '' && expression !== '') at.invalid(claim, "claim and expression can't both be set")
    else if (claim === '' && expression === '') at.required('claim or expression is required')
    else if (claim !== '') {
      if (message !== '') at.at('message').invalid(message, 'may not be specified when claim is set')
      if (claims.has(claim)) at.at('claim').duplicate(claim)
      claims.add(claim)
    } else {
      if (requiredValue !== '') at.at('requiredValue').invalid(requiredValue, 'may not be specified when expression is set')
      if (expressions.has(expression)) at.at('expression').duplicate(expression)
      else if (compiles(expression, 'claims', true, at.at('expression'))) used.emailVerified ||= selectsClaim(expression, 'email_verified')
      expressions.add(expression)
    }
  }
}

export function checkUserRules(rules: readonly UserValidationRule[], errors: FieldErrors): void {
  const seen = new Set<string>()
  for (const [i, { expression }] of rules.entries()) {
    const at = errors.at(i, 'expression')
    if (expression === '') at.required()
    else if (seen.has(expression)) at.duplicate(expression)
    else compiles(expression, 'user', true, at)
    seen.add(expression)
  }
}

export function checkClaimMappings({ username, groups, uid, extra }: ClaimMappings, used: UsedClaims, errors: FieldErrors): void {
  if (checkPrefixed(username, true, errors.at('username'))) {
    used.email ||= selectsClaim(username.expression, 'email')
    used.emailVerified ||= selectsClaim(username.expression, 'email_verified')
  }
  checkPrefixed(groups, false, errors.at('groups'))
  checkUid(uid, errors.at('uid'))

  const keys = new Set<string>()
  for (const [i, { key, valueExpression }] of extra.entries()) {
    const at = errors.at('extra', i)
    checkExtraKey(key, at.at('key'))
    if (keys.has(key)) at.at('key').duplicate(key)
    else if (valueExpression === '') at.at('valueExpression').required()
    else if (compiles(valueExpression, 'claims', false, at.at('valueExpression'))) used.emailVerified ||= selectsClaim(valueExpression, 'email_verified')
    keys.add(key)
  }
  if (used.email && !used.emailVerified) {
    errors.at('username', 'expression').invalid(
      username.expression,
      'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
    )
  }
}

/** Whether there is an expression that holds together. */
function checkPrefixed({ claim, expression, prefix }: PrefixedClaim, required: boolean, errors: FieldErrors): boolean {
  if (claim !== '' && expression !== '') errors.invalid('', "claim and expression can't both be set")
  else if (claim === '' && expression === '') {
    if (required) errors.required('claim or expression is required')
  } else if (expression !== '') {
    if (prefix !== undefined) errors.at('prefix').invalid(prefix, 'may not be specified when expression is set')
    return compiles(expression, 'claims', false, errors.at('expression'))
  } else if (prefix === undefined) errors.at('prefix').required('prefix is required when claim is set. It can be set to an empty string to disable prefixing')
  return false
}

function checkUid({ claim, expression }: ClaimOrExpression, errors: FieldErrors): void {
  if (claim !== '' && expression !== '') errors.invalid('', "claim and expression can't both be set")
  else if (expression !== '') compiles(expression, 'claims', false, errors.at('expression'))
}

function checkExtraKey(key: string, at: FieldErrors): void {
  if (key === '') at.required()
  else for (const problem of isDomainPrefixedPath(key)) at.invalid(problem.value, problem.message)
  if (key !== key.toLowerCase()) at.invalid(key, 'must be lowercase')
  const slash = key.indexOf('/')
  if (slash >= 0 && /(^|\.)(kubernetes|k8s)\.io$/.test(key.slice(0, slash))) at.invalid(key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use')
}

function compiles(expression: string, variable: 'claims' | 'user', decides: boolean, at: FieldErrors): boolean {
  try {
    compileExpression(expression, variable, decides)
    return true
  } catch (error) {
    at.invalid(expression, messageOf(error))
    return false
  }
}
