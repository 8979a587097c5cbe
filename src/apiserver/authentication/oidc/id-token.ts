import { decodeJwt, type Jwt } from '../jwt'
import type { KeySet } from './key-set'

export type TokenClaims = Readonly<Record<string, unknown>>

export interface IdTokenOptions {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
}

/** What a token says about who made it; nothing of it is verified. Undefined for what is no token. */
export function issuerOf(token: string): string | undefined {
  const issuer = decodeJwt(token)?.claims['iss']
  // The one issuer of the world that leaves out the scheme.
  return issuer === 'accounts.google.com' ? 'https://accounts.google.com' : typeof issuer === 'string' ? issuer : undefined
}

/** An issuer's clock may be ahead of ours. */
const notBeforeLeeway = 60_000

/**
 * The claims of a token that is the issuer's, for one of the audiences, of this time, and signed by one of the issuer's keys.
 * @throws Error in the original's words.
 */
export async function verifyIdToken(token: string, { issuer, audiences, algorithms }: IdTokenOptions, keys: KeySet, now: number): Promise<TokenClaims> {
  const jwt = decodeJwt(token)
  if (!jwt) throw new Error('oidc: malformed jwt: it is not in three parts of base64 and JSON')
  const { claims, header } = jwt
  const algorithm = typeof header.alg === 'string' ? header.alg : ''
  if (!algorithms.includes(algorithm)) throw new Error(`oidc: id token signed with unsupported algorithm, expected ${list(algorithms)} got ${JSON.stringify(algorithm)}`)
  if (!(await signedBy(keys, token, jwt))) throw new Error('failed to verify signature: failed to verify id token signature')
  const found = issuerOf(token)
  if (found !== issuer) throw new Error(`oidc: id token issued by a different provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(found ?? '')}`)
  const audience = typeof claims['aud'] === 'string' ? [claims['aud']] : Array.isArray(claims['aud']) ? (claims['aud'] as unknown[]).map(String) : []
  if (!audiences.some((wanted) => audience.includes(wanted))) {
    throw new Error(
      audiences.length === 1 ? `oidc: expected audience ${JSON.stringify(audiences[0])} got ${list(audience)}` : `oidc: expected audience in ${list([...audiences].sort())} got ${list(audience)}`,
    )
  }
  checkTimes(claims, now)
  return claims
}

async function signedBy(keys: KeySet, token: string, jwt: Jwt): Promise<boolean> {
  try {
    return await keys.signed(token, jwt)
  } catch (error) {
    throw new Error(`failed to verify signature: fetching keys ${(error as Error).message}`, { cause: error })
  }
}

function checkTimes(claims: TokenClaims, now: number): void {
  const expiry = timeIn(claims['exp'])
  if (!(expiry > now)) throw new Error(`oidc: token is expired (Token Expiry: ${shown(expiry)})`)
  const notBefore = timeIn(claims['nbf'])
  if (notBefore > now + notBeforeLeeway) throw new Error(`oidc: current time ${shown(now)} before the nbf (not before) time: ${shown(notBefore)}`)
}

const timeIn = (claim: unknown): number => (typeof claim === 'number' ? claim * 1000 : NaN)
const shown = (time: number): string => (Number.isNaN(time) ? '0001-01-01 00:00:00 +0000 UTC' : `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`)
const list = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`
