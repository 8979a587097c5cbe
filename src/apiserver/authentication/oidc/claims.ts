import type { UserInfo } from '../authenticator'
import type { ClaimMappings, ClaimValidationRule, JwtAuthenticator, UserValidationRule } from './authentication-configuration'
import { compileExpression, type ClaimExpression } from './claim-expressions'
import type { TokenClaims } from './id-token'

/** Makes a user of a token's claims. Throws an Error in the original's words where the claims do not say who it is, or a rule does not hold. */
export type ClaimsToUser = (claims: TokenClaims) => UserInfo

const credentialKey = 'authentication.kubernetes.io/credential-id'

export function claimsToUser({ claimMappings, claimValidationRules, userValidationRules }: JwtAuthenticator): ClaimsToUser {
  const name = usernameFrom(claimMappings)
  const groups = groupsFrom(claimMappings)
  const uid = uidFrom(claimMappings)
  const extra = extraFrom(claimMappings)
  const checkClaims = claimChecks(claimValidationRules)
  const checkUser = userChecks(userValidationRules)
  return (claims) => {
    const user = userOf(name(claims), groups(claims), uid(claims), extra(claims))
    checkClaims(claims)
    checkUser(user)
    return user
  }
}

function userOf(name: string, groups: readonly string[], uid: string, extra: Record<string, string[]>): UserInfo {
  return { name, groups, ...(uid ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) }
}

function usernameFrom({ username: { claim, prefix = '', expression } }: ClaimMappings): (claims: TokenClaims) => string {
  if (expression !== '') {
    const compiled = compileExpression(expression, 'claims', false)
    return (claims) => {
      const name = evaluated(compiled, expression, claims, 'error evaluating username claim expression')
      if (typeof name !== 'string') throw new Error('oidc: error evaluating username claim expression: username claim expression must return a string')
      if (name === '') throw new Error('oidc: empty username via CEL expression is not allowed')
      return name
    }
  }
  return (claims) => {
    const name = textClaim(claims, claim, (problem) => `oidc: parse username claims ${JSON.stringify(claim)}: ${problem}`)
    if (claim === 'email' && Object.hasOwn(claims, 'email_verified')) {
      const verified = claims['email_verified']
      if (typeof verified !== 'boolean') throw new Error(`oidc: parse 'email_verified' claim: json: cannot unmarshal ${goSort(verified)} into Go value of type bool`)
      if (!verified) throw new Error('oidc: email not verified')
    }
    return prefix + name
  }
}

function groupsFrom({ groups: { claim, prefix = '', expression } }: ClaimMappings): (claims: TokenClaims) => readonly string[] {
  if (claim !== '') {
    return (claims) => {
      if (!Object.hasOwn(claims, claim)) return []
      const value = claims[claim]
      const list = Array.isArray(value) ? (value as unknown[]) : [value]
      const wrong = list.find((item) => typeof item !== 'string')
      if (wrong !== undefined) throw new Error(`oidc: parse groups claim ${JSON.stringify(claim)}: json: cannot unmarshal ${goSort(Array.isArray(value) ? value : wrong)} into Go value of type string`)
      return (list as string[]).map((group) => prefix + group)
    }
  }
  if (expression === '') return () => []
  const compiled = compileExpression(expression, 'claims', false)
  return (claims) => texts(evaluated(compiled, expression, claims, 'error evaluating group claim expression'), 'oidc: error evaluating group claim expression')
}

function uidFrom({ uid: { claim, expression } }: ClaimMappings): (claims: TokenClaims) => string {
  if (claim !== '') return (claims) => textClaim(claims, claim, (problem) => `oidc: parse uid claim ${JSON.stringify(claim)}: ${problem}`)
  if (expression === '') return () => ''
  const compiled = compileExpression(expression, 'claims', false)
  return (claims) => {
    const uid = evaluated(compiled, expression, claims, 'error evaluating uid claim expression')
    if (typeof uid !== 'string') throw new Error('oidc: error evaluating uid claim expression: uid claim expression must return a string')
    return uid
  }
}

function extraFrom({ extra: mappings }: ClaimMappings): (claims: TokenClaims) => Record<string, string[]> {
  const compiled = mappings.map(({ key, valueExpression }) => ({ key, expression: valueExpression, program: compileExpression(valueExpression, 'claims', false) }))
  return (claims) => {
    const extra: Record<string, string[]> = {}
    if (typeof claims['jti'] === 'string' && claims['jti'] !== '') extra[credentialKey] = [`JTI=${claims['jti']}`]
    for (const { key, expression, program } of compiled) {
      const values = texts(evaluated(program, expression, claims, undefined), `oidc: error evaluating extra claim expression: ${expression}`)
      if (values.length > 0) extra[key] = values
    }
    return extra
  }
}

function claimChecks(rules: readonly ClaimValidationRule[]): (claims: TokenClaims) => void {
  const required = rules.filter(({ claim }) => claim !== '')
  const expressions = compiledRules(rules.filter(({ expression }) => expression !== ''), 'claims')
  return (claims) => {
    for (const { claim, requiredValue } of required) {
      if (!Object.hasOwn(claims, claim)) throw new Error(`oidc: required claim ${claim} not present in ID token`)
      const value = textClaim(claims, claim, (problem) => `oidc: parse claim ${claim}: ${problem}`)
      if (value !== requiredValue) throw new Error(`oidc: required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`)
    }
    expressions(claims, 'error evaluating claim validation expression')
  }
}

function userChecks(rules: readonly UserValidationRule[]): (user: UserInfo) => void {
  const expressions = compiledRules(rules, 'user')
  return ({ name, uid = '', groups, extra = {} }) => expressions({ username: name, uid, groups, extra }, 'error evaluating user info validation rule')
}

function compiledRules(rules: readonly UserValidationRule[], variable: 'claims' | 'user'): (value: unknown, what: string) => void {
  const compiled = rules.map(({ expression, message }) => ({ expression, message, program: compileExpression(expression, variable, true) }))
  return (value, what) => {
    // All are evaluated before one of them counts.
    const results = compiled.map(({ expression, program }) => evaluated(program, expression, value, what))
    for (const [i, result] of results.entries()) {
      if (result !== true) throw new Error(`oidc: ${what}: ${result === false ? `validation expression '${compiled[i]!.expression}' failed: ${compiled[i]!.message}` : 'validation expression must return a boolean'}`)
    }
  }
}

function evaluated(program: ClaimExpression, expression: string, value: unknown, what: string | undefined): unknown {
  try {
    return program.evaluate(value)
  } catch (error) {
    const problem = `expression '${expression}' resulted in error: ${(error as Error).message}`
    throw new Error(what === undefined ? problem : `oidc: ${what}: ${problem}`, { cause: error })
  }
}

/** Empty texts are none. */
function texts(value: unknown, what: string): string[] {
  if (value === null) return []
  const list = Array.isArray(value) ? (value as unknown[]) : [value]
  if (!list.every((item) => typeof item === 'string')) throw new Error(`${what}: expression must return a string or a list of strings`)
  return list.filter((text) => text !== '')
}

function textClaim(claims: TokenClaims, claim: string, wrong: (problem: string) => string): string {
  if (!Object.hasOwn(claims, claim)) throw new Error(wrong('claim not present'))
  const value = claims[claim]
  if (value === null) return ''
  if (typeof value !== 'string') throw new Error(wrong(`json: cannot unmarshal ${goSort(value)} into Go value of type string`))
  return value
}

function goSort(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value
}
