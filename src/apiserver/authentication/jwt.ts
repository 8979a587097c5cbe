import type { KeyObject } from 'node:crypto'
import { createHash, createPublicKey, sign } from 'node:crypto'
import { publicKeyToDer, publicOf } from '#component-base/certs/keys'
import { isJwsSignature } from './jws'

/** A key that verifies tokens, named as the original names it, so that keys can be told apart while they are replaced. */
export interface VerifyingKey {
  readonly id: string
  readonly algorithm: Algorithm
  readonly key: KeyObject
}
type Algorithm = 'RS256' | 'ES256' | 'ES384' | 'ES512'

/** Throws for keys that tokens cannot be signed with. */
export function verifyingKey(key: KeyObject): VerifyingKey {
  return { id: createHash('sha256').update(publicKeyToDer(key)).digest('base64url'), algorithm: algorithmOf(key), key: publicOf(key) }
}

/** Every key of a PEM text, public, or private whose public half counts, or of a certificate. Throws when there is none. */
export function publicKeysFromPem(pem: string, file: string): KeyObject[] {
  const blocks = pem.match(/-----BEGIN ([^-]+)-----[\s\S]*?-----END \1-----/g) ?? []
  const keys = blocks.filter((block) => !block.startsWith('-----BEGIN EC PARAMETERS')).map((block) => createPublicKey(block))
  if (keys.length === 0) throw new Error(`error reading public key file ${file}: data does not contain any valid RSA or ECDSA public keys`)
  return keys
}

function algorithmOf(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === 'rsa') return 'RS256'
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve === 'prime256v1') return 'ES256'
  if (curve === 'secp384r1') return 'ES384'
  if (curve === 'secp521r1') return 'ES512'
  throw new Error(`cannot sign tokens with a key of type ${key.asymmetricKeyType}${curve ? ` ${curve}` : ''}: use RSA, P-256, P-384 or P-521`)
}

const hashOf = (algorithm: Algorithm): string => `sha${algorithm.slice(2)}`
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export function signJwt(claims: Readonly<Record<string, unknown>>, key: KeyObject): string {
  const { id, algorithm } = verifyingKey(key)
  const content = `${encode({ alg: algorithm, kid: id })}.${encode(claims)}`
  // JSON web signatures are r and s side by side (P1363), not the DER that certificates use.
  return `${content}.${sign(hashOf(algorithm), Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export interface Jwt {
  readonly header: { readonly alg?: unknown; readonly kid?: unknown }
  readonly claims: Readonly<Record<string, unknown>>
}

/** Undefined for what is no JSON web token. Nothing is verified. */
export function decodeJwt(token: string): Jwt | undefined {
  const parts = token.split('.')
  if (parts.length !== 3 || !parts[2]) return undefined
  const header = decodePart(parts[0]!)
  const claims = decodePart(parts[1]!)
  return header && claims ? { header, claims } : undefined
}

function decodePart(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What a token's signature is over, and the signature. */
export function signedParts(token: string): { content: Buffer; signature: Buffer } {
  const dot = token.lastIndexOf('.')
  return { content: Buffer.from(token.slice(0, dot)), signature: Buffer.from(token.slice(dot + 1), 'base64url') }
}

/** Whether one of the keys signed it: the one that the token names, or any when it names none. The key says the algorithm. */
export function isSignedBy(token: string, { header }: Jwt, keys: readonly VerifyingKey[]): boolean {
  const { content, signature } = signedParts(token)
  return keys.some(({ id, algorithm, key }) => (header.kid === undefined || header.kid === id) && header.alg === algorithm && isJwsSignature(algorithm, key, content, signature))
}
