import { messageOf } from '#base/error-message'
import type { Authenticator, Remarks, UserInfo } from './authenticator'

/** Who a bearer token stands for, and the audiences that both the token and the asker accept. */
export interface TokenIdentity {
  readonly user: UserInfo
  readonly audiences: readonly string[]
}

export interface TokenAuthenticator {
  /** Undefined: not my sort of token. Throws an Error with the reason when it is, and is not good. */
  authenticateToken(token: string, audiences: readonly string[], remarks?: Remarks): TokenIdentity | undefined | Promise<TokenIdentity | undefined>
}

/** Asked in order; the first identity counts. When none has one, all reasons are in the error. A promise only where one of them must wait. */
export function identifyToken(authenticators: readonly TokenAuthenticator[], token: string, audiences: readonly string[], remarks?: Remarks): TokenIdentity | Promise<TokenIdentity> {
  const from = (first: number, reasons: readonly string[]): TokenIdentity | Promise<TokenIdentity> => {
    for (let i = first; i < authenticators.length; i++) {
      try {
        const identity = authenticators[i]!.authenticateToken(token, audiences, remarks)
        if (identity instanceof Promise) {
          const before = reasons
          return identity.then((settled) => settled ?? from(i + 1, before), (error: unknown) => from(i + 1, [...before, messageOf(error)]))
        }
        if (identity) return identity
      } catch (error) {
        reasons = [...reasons, messageOf(error)]
      }
    }
    throw new Error(reasons.length === 0 ? 'invalid bearer token' : `[invalid bearer token, ${reasons.join(', ')}]`)
  }
  return from(0, [])
}

const bearer = /^bearer +(\S.*)$/i
const protocolPrefix = 'base64url.bearer.authorization.k8s.io.'

/**
 * `Authorization: Bearer TOKEN`, or for browsers' WebSockets, which cannot set that header, the subprotocol
 * `base64url.bearer.authorization.k8s.io.TOKEN`. Any other scheme is left to others.
 */
export function bearerTokens(authenticators: readonly TokenAuthenticator[], audiences: readonly string[]): Authenticator {
  return {
    authenticate({ headers }, remarks) {
      const token = tokenIn(headers)
      if (token === undefined) return undefined
      const identity = identifyToken(authenticators, token, audiences, remarks)
      return identity instanceof Promise ? identity.then(({ user }) => user) : identity.user
    },
  }
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
