import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { nothing, oid, sequence } from './der'

/** P-256: a key costs 50 microseconds where RSA-2048 takes a tenth of a second. */
export function generateKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

export const keyToPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string
export const publicKeyToPem = (key: KeyObject): string => publicOf(key).export({ type: 'spki', format: 'pem' }) as string
/** SubjectPublicKeyInfo. */
export const publicKeyToDer = (key: KeyObject): Buffer => publicOf(key).export({ type: 'spki', format: 'der' })
export const keyFromPem = (pem: string): KeyObject => createPrivateKey(pem)
export const publicOf = (key: KeyObject): KeyObject => (key.type === 'private' ? createPublicKey(key) : key)

/** Signature algorithms that are known, by object identifier; null: the algorithm hashes by itself. */
const hashOfAlgorithm: Readonly<Record<string, string | null>> = {
  '1.2.840.10045.4.3.2': 'sha256', '1.2.840.10045.4.3.3': 'sha384', '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256', '1.2.840.113549.1.1.12': 'sha384', '1.2.840.113549.1.1.13': 'sha512',
  '1.3.101.112': null,
}

export interface Signer {
  /** AlgorithmIdentifier, encoded. */
  readonly algorithm: Buffer
  sign(bytes: Uint8Array): Buffer
}

/** EC keys sign with the hash that fits their curve, RSA with SHA-256; keys of other kinds are refused. */
export function signerOf(key: KeyObject): Signer {
  if (key.asymmetricKeyType === 'ed25519') return { algorithm: sequence(oid('1.3.101.112')), sign: (bytes) => sign(null, bytes, key) }
  if (key.asymmetricKeyType === 'rsa') return { algorithm: sequence(oid('1.2.840.113549.1.1.11'), nothing), sign: (bytes) => sign('sha256', bytes, key) }
  if (key.asymmetricKeyType !== 'ec') throw new Error(`cannot sign with a key of type ${key.asymmetricKeyType}: use EC, RSA or Ed25519`)
  const curve = key.asymmetricKeyDetails?.namedCurve
  const [id, hash] = curve === 'secp384r1' ? ['1.2.840.10045.4.3.3', 'sha384'] : curve === 'secp521r1' ? ['1.2.840.10045.4.3.4', 'sha512'] : ['1.2.840.10045.4.3.2', 'sha256']
  return { algorithm: sequence(oid(id)), sign: (bytes) => sign(hash, bytes, key) }
}

/** Throws for an algorithm that is not known (SHA-1 among them). */
export function verifySignature(algorithm: string, bytes: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  const hash = hashOfAlgorithm[algorithm]
  if (hash === undefined) throw new Error(`unsupported signature algorithm ${algorithm}: sign with ECDSA, RSA (SHA-256 or longer) or Ed25519`)
  return verify(hash, bytes, key, signature)
}
