import type { KeyObject } from 'node:crypto'
import { createHash, randomBytes } from 'node:crypto'
import { certificateToPem, parseCertificate } from './certificate'
import type { Certificate } from './certificate'
import { bitString, boolean, children, explicit, implicit, integer, namedBits, octets, oid, readBits, readDer, sequence, time } from './der'
import { generateKey, keyToPem, publicKeyToDer, signerOf } from './keys'
import { encodeAlternativeNames, encodeSubject } from './names'
import type { AlternativeNames, Subject } from './names'
import { usagesOf } from './usages'

/** A certificate with its private key. */
export interface KeyPair {
  readonly certificate: Certificate
  readonly key: KeyObject
}

/** As files hold it. */
export const keyPairToPem = ({ certificate, key }: KeyPair): { cert: string; key: string } => ({ cert: certificateToPem(certificate), key: keyToPem(key) })

export interface Template {
  /** A subject, or the bytes of one that was read (so that it stays as it was). */
  readonly subject: Subject | Buffer
  readonly names?: AlternativeNames
  /** By the names of CertificateSigningRequests: `client auth`, `digital signature`. */
  readonly usages: readonly string[]
  readonly notBefore: Date
  /** Cut to the authority's own end. */
  readonly notAfter: Date
}

const extension = (id: string, critical: boolean, value: Buffer): Buffer => sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value))

/** A self-signed authority. */
export function createAuthority(subject: Subject, notBefore: Date, notAfter: Date, key: KeyObject = generateKey()): KeyPair {
  const encoded = encodeSubject(subject)
  const spki = publicKeyToDer(key)
  const usages = usagesOf(['digital signature', 'key encipherment', 'cert sign'])
  const names = subject.commonName ? [extension('2.5.29.17', false, encodeAlternativeNames({ dns: [subject.commonName], ips: [], uris: [], emails: [] }))] : []
  const raw = signed(key, encoded, encoded, spki, notBefore, notAfter, [
    extension('2.5.29.15', true, namedBits(usages.bits)),
    extension('2.5.29.19', true, sequence(boolean(true))),
    extension('2.5.29.14', false, octets(keyId(spki))),
    ...names,
  ])
  return { certificate: parseCertificate(raw), key }
}

/** A certificate for a public key (SubjectPublicKeyInfo), signed by an authority. */
export function issueFor(spki: Buffer, template: Template, authority: KeyPair): Certificate {
  const { subject, names, usages, notBefore } = template
  const { bits, oids } = usagesOf(usages)
  const end = authority.certificate.notAfter < template.notAfter ? authority.certificate.notAfter : template.notAfter
  const encoded = Buffer.isBuffer(subject) ? subject : encodeSubject(subject)
  const hasNames = names && names.dns.length + names.ips.length + names.uris.length + names.emails.length > 0
  const emptySubject = children(readDer(encoded)).length === 0
  const authorityKeyId = authority.certificate.subjectKeyId ?? keyId(publicKeyToDer(authority.key))
  const raw = signed(authority.key, authority.certificate.rawSubject, encoded, spki, notBefore, end, [
    ...(bits.length > 0 ? [extension('2.5.29.15', true, namedBits(bits))] : []),
    ...(oids.length > 0 ? [extension('2.5.29.37', false, sequence(...oids.map(oid)))] : []),
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.35', false, sequence(implicit(0, authorityKeyId))),
    // RFC 5280 4.2.1.6: critical where nothing else says who it is.
    ...(hasNames ? [extension('2.5.29.17', emptySubject, encodeAlternativeNames(names))] : []),
  ])
  return parseCertificate(raw)
}

/** A new key and its certificate. */
export function issue(template: Template, authority: KeyPair): KeyPair {
  const key = generateKey()
  return { certificate: issueFor(publicKeyToDer(key), template, authority), key }
}

function signed(key: KeyObject, issuer: Buffer, subject: Buffer, spki: Buffer, notBefore: Date, notAfter: Date, extensions: readonly Buffer[]): Buffer {
  const signer = signerOf(key)
  const serial = randomBytes(16)
  serial[0]! &= 0x7f
  const content = sequence(
    explicit(0, integer(2)), integer(serial), signer.algorithm, issuer, sequence(time(notBefore), time(notAfter)), subject, spki,
    explicit(3, sequence(...extensions)),
  )
  return sequence(content, signer.algorithm, bitString(signer.sign(content)))
}

/** RFC 5280 4.2.1.2 (1): SHA-1 of the public key's bits. A name, not a protection. */
function keyId(spki: Buffer): Buffer {
  return createHash('sha1').update(readBits(children(readDer(spki))[1]!).bytes).digest()
}
