import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'
import type { TokenAuthenticator, TokenIdentity } from '../token'
import type { JwtAuthenticator } from './authentication-configuration'
import { claimsToUser } from './claims'
import { distributedClaims } from './distributed-claims'
import { issuerOf, verifyIdToken } from './id-token'
import type { OidcMetrics } from './oidc-metrics'
import { openProvider } from './provider'

export interface JwtAuthenticatorOptions {
  readonly configured: JwtAuthenticator
  /** Algorithms that tokens may be signed with. */
  readonly algorithms: readonly string[]
}

export interface JwtAuthenticatorDeps {
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: OidcMetrics | undefined
}

export interface RunningJwtAuthenticator extends TokenAuthenticator, Disposable {
  readonly issuer: string
  readonly initialized: Promise<void>
  /** Undefined: its issuer was reached. */
  problem(): string | undefined
}

/** Tokens of one issuer, verified with the keys that it publishes. */
export function jwtAuthenticator({ configured, algorithms }: JwtAuthenticatorOptions, { clock, log, metrics }: JwtAuthenticatorDeps): RunningJwtAuthenticator {
  const { url: issuer, discoveryURL: discoveryUrl, certificateAuthority, audiences } = configured.issuer
  const ca = certificateAuthority === '' ? undefined : certificateAuthority
  const deps = { clock, log, keyEvents: metrics ? metrics.keysOf(issuer) : { fetched() {}, failed() {} } }
  const provider = openProvider({ issuer, discoveryUrl, ca }, deps)
  const groupsClaim = configured.claimMappings.groups.claim
  const elsewhere = groupsClaim === '' ? undefined : distributedClaims({ claim: groupsClaim, ca, audiences, algorithms }, deps)
  const toUser = claimsToUser(configured)

  const identify = async (token: string, audience: readonly string[]): Promise<TokenIdentity> => {
    const { keys } = provider
    if (!keys) throw new Error('oidc: authenticator not initialized')
    const own = await verifyIdToken(token, { issuer, audiences, algorithms }, keys, clock.now()).catch((error: unknown) => {
      throw new Error(`oidc: verify token: ${messageOf(error)}`)
    })
    const claims = elsewhere ? await expand(() => elsewhere.resolve(own)) : own
    return { user: toUser(claims), audiences: audience }
  }

  return {
    issuer,
    initialized: provider.initialized,
    problem: () => (provider.keys ? undefined : `oidc: authenticator for issuer ${JSON.stringify(issuer)} is not healthy: ${provider.problem}`),
    authenticateToken(token, audience) {
      if (issuerOf(token) !== issuer) return undefined
      const start = clock.monotonic()
      const done = (result: string): void => metrics?.authenticated(issuer, result, (clock.monotonic() - start) / 1000)
      return identify(token, audience).then(
        (identity) => {
          done('success')
          return identity
        },
        (error: unknown) => {
          done('failure')
          throw error
        },
      )
    },
    [Symbol.dispose]() {
      provider[Symbol.dispose]()
      elsewhere?.[Symbol.dispose]()
    },
  }
}

async function expand<T>(resolve: () => T | Promise<T>): Promise<T> {
  try {
    return await resolve()
  } catch (error) {
    throw new Error(`oidc: could not expand distributed claims: ${messageOf(error)}`, { cause: error })
  }
}
