import { decodeJwt, isSignedBy } from './jwt'
import type { VerifyingKey } from './jwt'

export type Claims = Readonly<Record<string, unknown>>

/** What tokens in secrets name as their issuer, whatever `--service-account-issuer` says. */
export const legacyIssuer = 'kubernetes/serviceaccount'

/** The claims of a token that one of the issuers signed; undefined for another's token, or none. Throws for a wrong signature. */
export type ClaimsOf = (token: string) => Claims | undefined

/** Signatures that were verified before: verifying one takes 100 microseconds, and a client sends the same token for an hour. */
const remembered = 4096

/** Reads tokens that this cluster issued: one for all of them, so that a token is taken apart once. Nothing but issuer and signature is looked at. */
export function issuedTokens(issuers: readonly string[], keys: readonly VerifyingKey[]): ClaimsOf {
  const signed = new Map<string, Claims>()
  return (token) => {
    const known = signed.get(token)
    if (known) return known
    const jwt = decodeJwt(token)
    if (!jwt || !issuers.includes(jwt.claims['iss'] as string)) return undefined
    if (!keys.some((key) => jwt.header.kid === undefined || jwt.header.kid === key.id)) throw new Error('invalid signature, no keys found')
    if (!isSignedBy(token, jwt, keys)) throw new Error('invalid signature')
    if (signed.size >= remembered) signed.delete(signed.keys().next().value!)
    signed.set(token, jwt.claims)
    return jwt.claims
  }
}

/** The audiences that token and asker share; tokens that name none are for this server. Throws when there is none. */
export function sharedAudiences(claims: Claims, asked: readonly string[], own: readonly string[]): readonly string[] {
  const audience = claims['aud']
  const named = typeof audience === 'string' ? [audience] : Array.isArray(audience) && audience.length > 0 ? (audience as string[]) : own
  const wanted = asked.length > 0 ? asked : own
  const shared = named.filter((name) => wanted.includes(name))
  if (shared.length === 0) throw new Error(`token audiences ${list(named)} is invalid for the target audiences ${list(wanted)}`)
  return shared
}

const list = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`
