import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import { certificateToPem, readExtensions } from './certificate'
import type { Certificate } from './certificate'
import { bitString, children, der, explicit, integer, octets, oid, readBits, readDer, readOid, sequence, setOf } from './der'
import { issueFor } from './issue'
import type { KeyPair } from './issue'
import { publicKeyToDer, signerOf, verifySignature } from './keys'
import { decodeSubject, encodeAlternativeNames, encodeSubject } from './names'
import type { AlternativeNames, Subject } from './names'
import { fromPem, toPem } from './pem'

const extensionRequest = '1.2.840.113549.1.9.14'

/** A PKCS #10 request, its signature verified. */
export interface CertificateRequest {
  readonly subject: Subject
  readonly rawSubject: Buffer
  readonly names: AlternativeNames
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer
}

/** PEM of a request for `key`; what a kubelet sends. */
export function createRequest(key: KeyObject, subject: Subject, names?: AlternativeNames): string {
  const signer = signerOf(key)
  const asked = names && names.dns.length + names.ips.length + names.uris.length + names.emails.length > 0
  const extensions = asked ? sequence(sequence(oid('2.5.29.17'), octets(encodeAlternativeNames(names)))) : undefined
  const attributes = extensions ? explicit(0, sequence(oid(extensionRequest), setOf(extensions))) : der(0xa0, Buffer.alloc(0))
  const content = sequence(integer(0), encodeSubject(subject), publicKeyToDer(key), attributes)
  return toPem('CERTIFICATE REQUEST', sequence(content, signer.algorithm, bitString(signer.sign(content))))
}

/** Throws for what is no request, and for one that its own key did not sign. */
export function parseRequest(pem: string): CertificateRequest {
  const [raw] = fromPem('CERTIFICATE REQUEST', pem)
  if (!raw) throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const [content, algorithm, signature] = children(readDer(raw))
  if (!content || !algorithm || !signature) throw new Error('malformed certificate request')
  const [, subject, key, attributes] = children(content)
  if (!subject || !key) throw new Error('malformed certificate request')
  const publicKey = createPublicKey({ key: key.raw, format: 'der', type: 'spki' })
  if (!verifySignature(readOid(children(algorithm)[0]!), content.raw, publicKey, readBits(signature).bytes)) {
    throw new Error('the certificate request is not signed by its own key')
  }
  const extensions = (attributes ? children(attributes) : []).map(children).find(([type]) => type && readOid(type) === extensionRequest)
  return {
    subject: decodeSubject(subject),
    rawSubject: subject.raw,
    publicKey: key.raw,
    names: readExtensions(extensions?.[1] ? children(extensions[1])[0] : undefined).names,
  }
}

/** The clock of a node may be behind: certificates are valid a little before they are made, as in the original. */
const backdateMs = 5 * 60_000
/** From this long on a certificate's whole life counts from its backdated start. */
const shortMs = 8 * 3600_000

/**
 * What the signing controller does: subject, names and key of the request; usages and validity as it was told.
 * @returns PEM. `ttlSeconds` counts from now and is cut to the authority's end. Throws for an unknown usage.
 */
export function signRequest(request: CertificateRequest, options: { usages: readonly string[]; ttlSeconds: number; now: number }, authority: KeyPair): string {
  const { usages, now } = options
  const lifeMs = options.ttlSeconds * 1000
  if (authority.certificate.notAfter.getTime() <= now) {
    throw new Error(`refusing to sign a certificate that expired in the past: NotAfter ${authority.certificate.notAfter.toISOString()}`)
  }
  const certificate: Certificate = issueFor(request.publicKey, {
    subject: request.rawSubject, names: request.names, usages,
    notBefore: new Date(now - backdateMs), notAfter: new Date(now + lifeMs - (lifeMs < shortMs ? 0 : backdateMs)),
  }, authority)
  return certificateToPem(certificate)
}
