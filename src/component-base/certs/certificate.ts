import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import { children, readBits, readDer, readOid, readTime, tags } from './der'
import type { Der } from './der'
import { verifySignature } from './keys'
import { decodeAlternativeNames, decodeSubject, noAlternativeNames } from './names'
import type { AlternativeNames, Subject } from './names'
import { decodeNameConstraints, type NameConstraints } from './name-constraints'
import { fromPem, toPem } from './pem'
import { extendedUsageName, keyUsageNames } from './usages'

/**
 * An X.509 certificate, read. Own reading instead of `X509Certificate`'s properties, since those give names as one
 * escaped text and do not tell extended usages alike in every runtime.
 */
export interface Certificate {
  readonly raw: Buffer
  readonly subject: Subject
  /** Names compare by their bytes. */
  readonly rawSubject: Buffer
  readonly rawIssuer: Buffer
  readonly issuer: Subject
  /** Hexadecimal, as big as it was written. */
  readonly serial: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: KeyObject
  readonly names: AlternativeNames
  /** Whether it says names beside its subject at all. */
  readonly hasNames: boolean
  /** What its authority is good for; undefined: any name. */
  readonly nameConstraints?: NameConstraints
  /** It wants something to be looked at that nobody here knows. */
  readonly unhandledCritical: boolean
  readonly isAuthority: boolean
  /** How many authorities may stand between this one and a leaf; undefined: any number. */
  readonly pathLength?: number
  /** `digital signature`, `cert sign`; undefined: the extension is absent, and nothing is ruled out. */
  readonly keyUsages: readonly string[] | undefined
  /** `client auth`, `server auth`, `any`; undefined as above. */
  readonly extendedUsages: readonly string[] | undefined
  readonly subjectKeyId: Buffer | undefined
  readonly authorityKeyId?: Buffer
  /** What was signed, with what, and the signature. */
  readonly signed: Buffer
  readonly signatureAlgorithm: string
  readonly signature: Buffer
}

export const certificateToPem = (certificate: { raw: Buffer }): string => toPem('CERTIFICATE', certificate.raw)

/** All certificates of a PEM text. Throws when there is none. */
export function certificatesFromPem(pem: string): Certificate[] {
  const blocks = fromPem('CERTIFICATE', pem)
  if (blocks.length === 0) throw new Error('no certificate in the PEM data: a block that begins with -----BEGIN CERTIFICATE----- was expected')
  return blocks.map(parseCertificate)
}

export function parseCertificate(raw: Buffer): Certificate {
  const [signed, algorithm, signature] = children(readDer(raw))
  if (!signed || !algorithm || !signature) throw new Error('malformed certificate')
  const fields = children(signed)
  // [0] EXPLICIT version comes first unless the certificate is of version 1.
  const first = fields[0]?.tag === 0xa0 ? 1 : 0
  const [serial, , issuer, validity, subject, key] = fields.slice(first)
  if (!serial || !issuer || !validity || !subject || !key) throw new Error('malformed certificate')
  const [notBefore, notAfter] = children(validity)
  if (!notBefore || !notAfter) throw new Error('malformed certificate: no validity')
  const wrapped = fields.find((field) => field.tag === 0xa3)
  return {
    raw,
    subject: decodeSubject(subject),
    issuer: decodeSubject(issuer),
    rawSubject: subject.raw,
    rawIssuer: issuer.raw,
    serial: serial.body.toString('hex'),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    publicKey: createPublicKey({ key: key.raw, format: 'der', type: 'spki' }),
    ...readExtensions(wrapped ? children(wrapped)[0] : undefined),
    signed: signed.raw,
    signatureAlgorithm: readOid(children(algorithm)[0]!),
    signature: readBits(signature).bytes,
  }
}

export type Extensions = Pick<Certificate, 'names' | 'hasNames' | 'nameConstraints' | 'unhandledCritical' | 'isAuthority' | 'pathLength' | 'keyUsages' | 'extendedUsages' | 'subjectKeyId' | 'authorityKeyId'>

/** The extensions that Kubernetes asks for, out of a list of them; others are passed over. */
export function readExtensions(list: Der | undefined): Extensions {
  const found: { -readonly [K in keyof Extensions]: Extensions[K] } = {
    names: noAlternativeNames, hasNames: false, unhandledCritical: false, isAuthority: false, keyUsages: undefined, extendedUsages: undefined, subjectKeyId: undefined,
  }
  for (const extension of list ? children(list) : []) {
    const parts = children(extension)
    const value = parts.at(-1)!.body
    const critical = parts.length > 2 && parts[1]!.tag === tags.boolean && parts[1]!.body[0] !== 0
    switch (readOid(parts[0]!)) {
      case '2.5.29.14':
        found.subjectKeyId = readDer(value).body
        break
      case '2.5.29.15':
        found.keyUsages = keyUsageNames(bitsOf(readDer(value)))
        break
      case '2.5.29.17':
        found.names = decodeAlternativeNames(value)
        found.hasNames = true
        if (critical && Object.values(found.names).every((list: readonly string[]) => list.length === 0)) found.unhandledCritical = true
        break
      case '2.5.29.19': {
        const [flag, length] = children(readDer(value))
        found.isAuthority = flag?.tag === tags.boolean && flag.body[0] !== 0
        if (length?.tag === tags.integer) found.pathLength = Number(`0x${length.body.toString('hex')}`)
        break
      }
      case '2.5.29.30': {
        const { constraints, unhandled } = decodeNameConstraints(value)
        found.nameConstraints = constraints
        if (critical && unhandled) found.unhandledCritical = true
        break
      }
      case '2.5.29.35': {
        const keyId = children(readDer(value)).find(({ tag }) => tag === 0x80)
        if (keyId) found.authorityKeyId = keyId.body
        break
      }
      case '2.5.29.37':
        found.extendedUsages = children(readDer(value)).map((id) => extendedUsageName(readOid(id)))
        break
      default:
        if (critical && !passedOver.has(readOid(parts[0]!))) found.unhandledCritical = true
    }
  }
  return found
}

/** Known, and of no weight here: policies, where lists of revoked certificates are, whom to ask. */
const passedOver = new Set(['2.5.29.31', '2.5.29.32', '2.5.29.33', '2.5.29.36', '2.5.29.54', '1.3.6.1.5.5.7.1.1'])

function bitsOf(value: Der): number[] {
  const { bytes } = readBits(value)
  const bits: number[] = []
  for (let bit = 0; bit < bytes.length * 8; bit++) if (bytes[bit >> 3]! & (0x80 >> (bit & 7))) bits.push(bit)
  return bits
}

/** Whether `issuer` signed `certificate`: names, the right to sign, and the signature. Not whether either is still valid. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (!issuer.isAuthority || (issuer.keyUsages && !issuer.keyUsages.includes('cert sign'))) return false
  return certificate.rawIssuer.equals(issuer.rawSubject) && verifySignature(certificate.signatureAlgorithm, certificate.signed, issuer.publicKey, certificate.signature)
}
