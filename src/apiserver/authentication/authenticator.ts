import type { X509Certificate } from 'node:crypto'

export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What can prove who somebody is. */
export interface Credentials {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Names and values in turn, as they came: headers that came several times are told apart here. */
  readonly rawHeaders?: readonly string[]
  /** Presented in the TLS handshake, not yet verified. One object per connection: verifications are remembered by it. */
  readonly certificate?: X509Certificate
}

export interface Authenticator {
  /** Undefined: these credentials are not mine. Throws `unauthorized` when they are and are wrong. A promise only where it must be. */
  authenticate(credentials: Credentials): UserInfo | undefined | Promise<UserInfo | undefined>
}
