import { constants, verify, type KeyObject } from 'node:crypto'

interface Algorithm {
  readonly type: 'rsa' | 'ec'
  readonly hash: string
  readonly curve?: string
  /** RSA with the padding that is made anew each time. */
  readonly pss?: boolean
}

const ec = (hash: string, curve: string): Algorithm => ({ type: 'ec', hash, curve })
const rsa = (hash: string, pss = false): Algorithm => ({ type: 'rsa', hash, pss })

/** Signatures of RFC 7518 that tokens may have: asymmetric ones alone, since whoever can check a symmetric one can make it. */
const algorithms: Readonly<Record<string, Algorithm>> = {
  RS256: rsa('sha256'), RS384: rsa('sha384'), RS512: rsa('sha512'), PS256: rsa('sha256', true), PS384: rsa('sha384', true), PS512: rsa('sha512', true),
  ES256: ec('sha256', 'prime256v1'), ES384: ec('sha384', 'secp384r1'), ES512: ec('sha512', 'secp521r1'),
}

/** Whether `key` signed `content`; false too where the key is not of the algorithm's sort. The caller says which algorithms it trusts. */
export function isJwsSignature(algorithm: string, key: KeyObject, content: Uint8Array, signature: Uint8Array): boolean {
  const known = Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined
  if (!known || key.asymmetricKeyType !== known.type) return false
  if (known.type === 'ec') {
    // JSON web signatures are r and s side by side (P1363), not the DER that certificates use.
    return key.asymmetricKeyDetails?.namedCurve === known.curve && verify(known.hash, content, { key, dsaEncoding: 'ieee-p1363' }, signature)
  }
  const padding = known.pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO } : {}
  return verify(known.hash, content, { key, ...padding }, signature)
}
