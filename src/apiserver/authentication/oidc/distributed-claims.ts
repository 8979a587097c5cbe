import { messageOf } from '#base/error-message'
import { httpsGet } from './https-get'
import { issuerOf, verifyIdToken, type IdTokenOptions, type TokenClaims } from './id-token'
import { openProvider, type Provider, type ProviderDeps } from './provider'

/** Claims that a token does not hold itself, but says where they are (OpenID Connect Core, 5.6.2). */
export interface DistributedClaims extends Disposable {
  /** The claims with the one that is looked for, where it is elsewhere. */
  resolve(claims: TokenClaims): TokenClaims | Promise<TokenClaims>
}

export interface DistributedClaimsOptions extends Omit<IdTokenOptions, 'issuer'> {
  /** The one claim that may be elsewhere: the groups. */
  readonly claim: string
  readonly ca?: string | undefined
}

export function distributedClaims({ claim, ca, ...expected }: DistributedClaimsOptions, deps: ProviderDeps): DistributedClaims {
  // Whoever made the claim may be another issuer than the token's.
  const providers = new Map<string, Provider>()

  const fetchClaim = async (claims: TokenClaims, { endpoint = '', access_token: accessToken }: { endpoint?: string; access_token?: string }): Promise<TokenClaims> => {
    const { code, text } = await httpsGet(endpoint, { ca, ...(accessToken ? { headers: { authorization: `Bearer ${accessToken}` } } : {}) }).catch((error: unknown) => {
      throw new Error(`while getting distributed claim ${JSON.stringify(claim)}: ${messageOf(error)}`)
    })
    if (code < 200 || code > 226) throw new Error(`while getting distributed claim ${JSON.stringify(claim)}: error while getting distributed claim JWT: ${code}`)
    const token = text.trim()
    const issuer = issuerOf(token)
    if (issuer === undefined) throw new Error(`getting untrusted issuer from endpoint ${endpoint} failed for claim ${JSON.stringify(claim)}: malformed token`)
    let provider = providers.get(issuer)
    if (!provider) providers.set(issuer, (provider = openProvider({ issuer, ca }, deps)))
    if (!provider.keys) throw new Error(`verifying untrusted issuer ${issuer} failed: verifier not initialized for issuer: ${JSON.stringify(issuer)}`)
    const held = await verifyIdToken(token, { ...expected, issuer }, provider.keys, deps.clock.now()).catch((error: unknown) => {
      throw new Error(`verify distributed claim token: ${messageOf(error)}`)
    })
    if (!Object.hasOwn(held, claim)) throw new Error(`jwt returned by distributed claim endpoint ${JSON.stringify(endpoint)} did not contain claim: ${claim}`)
    return { ...claims, [claim]: held[claim] }
  }

  return {
    resolve(claims) {
      if (Object.hasOwn(claims, claim)) return claims
      const names = claims['_claim_names'] as Readonly<Record<string, string>> | undefined
      if (names === undefined) return claims
      const sources = claims['_claim_sources'] as Readonly<Record<string, { endpoint?: string; access_token?: string }>> | undefined
      if (sources === undefined) throw new Error('oidc: no claim sources')
      const source = names[claim]
      if (source === undefined) return claims
      const found = sources[source]
      if (!found) throw new Error(`id token _claim_names contained a source ${source} missing in _claims_sources`)
      return found.endpoint ? fetchClaim(claims, found) : claims
    },
    [Symbol.dispose]() {
      for (const provider of providers.values()) provider[Symbol.dispose]()
    },
  }
}
