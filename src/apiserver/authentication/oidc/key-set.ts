import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { isJwsSignature } from '../jws'
import { signedParts, type Jwt } from '../jwt'
import type { Answer } from './https-get'

export interface KeySetEvents {
  fetched(text: string): void
  failed(): void
}

interface NamedKey {
  readonly id: string
  readonly key: KeyObject
}

/** An issuer's keys, as they were when a token was signed with one that was not known yet. */
export interface KeySet {
  /** Whether one of the issuer's keys signed the token. Asks the issuer where none of the known ones did: it may have new ones. */
  signed(token: string, jwt: Jwt): Promise<boolean>
}

/** @param fetch Gets the JSON Web Key Set. Tokens that come while it is on its way wait for the same answer. */
export function keySet(fetch: () => Promise<Answer>, events: KeySetEvents): KeySet {
  let known: readonly NamedKey[] = []
  let fetching: Promise<readonly NamedKey[]> | undefined

  const update = async (): Promise<readonly NamedKey[]> => {
    try {
      const { code, text } = await fetch()
      if (code !== 200) throw new Error(`oidc: get keys failed: ${code} ${text}`)
      const keys = keysIn(text)
      events.fetched(text)
      return (known = keys)
    } catch (error) {
      events.failed()
      throw error
    } finally {
      fetching = undefined
    }
  }

  return {
    async signed(token, jwt) {
      if (isSigned(token, jwt, known)) return true
      return isSigned(token, jwt, await (fetching ??= update()))
    },
  }
}

function isSigned(token: string, { header }: Jwt, keys: readonly NamedKey[]): boolean {
  const { content, signature } = signedParts(token)
  return keys.some(({ id, key }) => (!header.kid || id === header.kid) && typeof header.alg === 'string' && isJwsSignature(header.alg, key, content, signature))
}

/** Keys that cannot be read are passed over: an issuer may have some of sorts that are not known here. */
function keysIn(text: string): NamedKey[] {
  const set = JSON.parse(text) as { keys?: unknown } | null
  if (!Array.isArray(set?.keys)) throw new Error('oidc: failed to decode keys: the answer has no list of keys')
  return (set.keys as (JsonWebKey & { kid?: string; use?: string })[]).flatMap((jwk) => {
    if (jwk.use !== undefined && jwk.use !== 'sig') return []
    try {
      return [{ id: jwk.kid ?? '', key: createPublicKey({ key: jwk, format: 'jwk' }) }]
    } catch {
      return []
    }
  })
}
