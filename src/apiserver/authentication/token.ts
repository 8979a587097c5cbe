import { unauthorized } from '#apimachinery/api-error'
import type { Authenticator, UserInfo } from './authenticator'

/** Who a bearer token stands for, and the audiences that both the token and the asker accept. */
export interface TokenIdentity {
  readonly user: UserInfo
  readonly audiences: readonly string[]
}

export interface TokenAuthenticator {
  /** Undefined: not my sort of token. Throws an Error with the reason when it is, and is not good. */
  authenticateToken(token: string, audiences: readonly string[]): TokenIdentity | undefined | Promise<TokenIdentity | undefined>
}

/** Asked in order; the first identity counts. When none has one, all reasons are in the error. */
export async function identifyToken(authenticators: readonly TokenAuthenticator[], token: string, audiences: readonly string[]): Promise<TokenIdentity> {
  const reasons: string[] = []
  for (const authenticator of authenticators) {
    try {
      const identity = await authenticator.authenticateToken(token, audiences)
      if (identity) return identity
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw new Error(reasons.length === 0 ? 'invalid bearer token' : `[invalid bearer token, ${reasons.join(', ')}]`)
}

const bearer = /^bearer +(\S.*)$/i
const protocolPrefix = 'base64url.bearer.authorization.k8s.io.'

/**
 * `Authorization: Bearer TOKEN`, or for browsers' WebSockets, which cannot set that header, the subprotocol
 * `base64url.bearer.authorization.k8s.io.TOKEN`. Any other scheme is left to others.
 */
export function bearerTokens(authenticators: readonly TokenAuthenticator[], audiences: readonly string[], failed?: (reason: string) => void): Authenticator {
  const settle = async (token: string): Promise<UserInfo> => {
    try {
      return (await identifyToken(authenticators, token, audiences)).user
    } catch (error) {
      failed?.((error as Error).message)
      throw unauthorized()
    }
  }
  return {
    authenticate({ headers }) {
      const token = tokenIn(headers)
      if (token === undefined) return undefined
      // The way without a promise, which nearly every request takes.
      for (const authenticator of authenticators) {
        let identity: ReturnType<TokenAuthenticator['authenticateToken']>
        try {
          identity = authenticator.authenticateToken(token, audiences)
        } catch {
          // Asked again by `settle`, which puts the reasons of all together.
          return settle(token)
        }
        if (identity instanceof Promise) return settleFirst(identity, () => settle(token))
        if (identity) return identity.user
      }
      return settle(token)
    },
  }
}

async function settleFirst(first: Promise<TokenIdentity | undefined>, otherwise: () => Promise<UserInfo>): Promise<UserInfo> {
  const identity = await first.catch(() => undefined)
  return identity ? identity.user : otherwise()
}

function tokenIn(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  const { authorization } = headers
  const value = Array.isArray(authorization) ? authorization[0] : authorization
  const token = value === undefined ? undefined : bearer.exec(value.trim())?.[1]
  if (token !== undefined) return token
  const protocols = headers['sec-websocket-protocol']
  if (protocols === undefined) return undefined
  const all = (Array.isArray(protocols) ? protocols.join(',') : protocols).split(',').map((name) => name.trim())
  const carried = all.find((name) => name.startsWith(protocolPrefix))
  return carried === undefined ? undefined : Buffer.from(carried.slice(protocolPrefix.length), 'base64url').toString('utf8')
}
