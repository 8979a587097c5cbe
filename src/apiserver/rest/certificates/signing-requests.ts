import { constants, createPublicKey, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto'
import type { CertificateSigningRequest } from '#api/certificates/v1/types'
import { readSigningRequest, type SigningRequestParts } from '#api/certificates/v1/signing-request'
import type { Rest } from '../rest'

/** Whoever asks for a certificate shows that the key is theirs: by signing the request with it. */
export const signingRequestRest: Rest<CertificateSigningRequest> = {
  group: 'certificates.k8s.io', resource: 'certificatesigningrequests',
  check(object, old, _request, errors) {
    const problem = old ? undefined : signatureProblem(object.spec.request)
    if (problem !== undefined) errors.at('spec', 'request').invalid(object.spec.request, problem)
  },
}

/** Undefined where the signature is good, or where there is none: the validation tells. */
function signatureProblem(text: string | undefined): string | undefined {
  let parts: SigningRequestParts
  try {
    parts = readSigningRequest(text)
  } catch {
    return undefined
  }
  return problemOf(parts)
}

interface Algorithm {
  readonly hash: string | null
  readonly key: 'rsa' | 'ec' | 'ed25519'
}

const algorithms: Readonly<Record<string, Algorithm>> = {
  '1.2.840.113549.1.1.5': { hash: 'sha1', key: 'rsa' }, '1.2.840.113549.1.1.11': { hash: 'sha256', key: 'rsa' }, '1.2.840.113549.1.1.12': { hash: 'sha384', key: 'rsa' },
  '1.2.840.113549.1.1.13': { hash: 'sha512', key: 'rsa' }, '1.2.840.10045.4.1': { hash: 'sha1', key: 'ec' }, '1.2.840.10045.4.3.2': { hash: 'sha256', key: 'ec' },
  '1.2.840.10045.4.3.3': { hash: 'sha384', key: 'ec' }, '1.2.840.10045.4.3.4': { hash: 'sha512', key: 'ec' }, '1.3.101.112': { hash: null, key: 'ed25519' },
}
const pss = '1.2.840.113549.1.1.10'
/** Where the parameters of a PSS signature name one of these as the hash, by the bytes of its object identifier. */
const pssHashes: readonly (readonly [hex: string, hash: string])[] = [['608648016503040201', 'sha256'], ['608648016503040202', 'sha384'], ['608648016503040203', 'sha512']]
const goKeys: Readonly<Record<string, string>> = { rsa: '*rsa.PublicKey', ec: '*ecdsa.PublicKey', ed25519: 'ed25519.PublicKey' }
const names: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519' }
const failures: Readonly<Record<string, string>> = { rsa: 'crypto/rsa: verification error', ec: 'x509: ECDSA verification failure', ed25519: 'x509: Ed25519 verification failure' }
const unsupported = 'x509: cannot verify signature: algorithm unimplemented'

function problemOf({ signed, publicKey, algorithm, parameters, signature }: SigningRequestParts): string | undefined {
  const pssHash = algorithm === pss ? pssHashes.find(([hex]) => Buffer.from(parameters ?? []).toString('hex').includes(hex))?.[1] : undefined
  const known: Algorithm | undefined = pssHash ? { hash: pssHash, key: 'rsa' } : algorithms[algorithm]
  const key = readKey(publicKey)
  if (!known || !key || !(key.asymmetricKeyType! in goKeys)) return unsupported
  const sort = key.asymmetricKeyType!
  if (sort !== known.key) return `x509: signature algorithm specifies an ${names[known.key]} public key, but have public key of type ${goKeys[sort]}`
  const input: VerifyKeyObjectInput = pssHash ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : { key }
  return verify(known.hash, signed, input, signature) ? undefined : failures[sort]
}

function readKey(der: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
