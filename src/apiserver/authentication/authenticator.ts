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
  /** What came with it in the handshake, which may lead to an authority that is known here. */
  readonly intermediates?: readonly X509Certificate[]
}

/** What an authenticator has to say to whoever asks, and to whoever reads the audit log, beside who it is. */
export interface Remarks {
  /** Texts of `Warning` headers. */
  readonly warnings: string[]
  /** For the audit record, which there is none of yet. */
  annotations?: [key: string, value: string][]
}

export function annotate(remarks: Remarks | undefined, key: string, value: string): void {
  if (remarks) (remarks.annotations ??= []).push([key, value])
}

export interface Authenticator {
  /** Undefined: these credentials are not mine. Throws with the reason when they are and are wrong; nobody hears it but the log. A promise only where it must be. */
  authenticate(credentials: Credentials, remarks?: Remarks): UserInfo | undefined | Promise<UserInfo | undefined>
}
