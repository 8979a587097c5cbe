import { randomBytes } from 'node:crypto'
import { parseCertificate } from '#component-base/certs/certificate'
import { bitString, boolean, explicit, integer, namedBits, octets, oid, sequence, time } from '#component-base/certs/der'
import type { KeyPair } from '#component-base/certs/issue'
import { generateKey, publicKeyToDer, signerOf } from '#component-base/certs/keys'
import { encodeSubject } from '#component-base/certs/names'

export interface IntermediateOptions {
  readonly name: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** How many authorities may stand behind it. */
  readonly pathLength?: number
  /** By object identifier: what else it says, critical. */
  readonly extensions?: Readonly<Record<string, Buffer>>
}

/** An authority that another one vouches for, with a key of its own. */
export function intermediateAuthority({ name, notBefore, notAfter, pathLength, extensions = {} }: IntermediateOptions, signer: KeyPair): KeyPair {
  const key = generateKey()
  const by = signerOf(signer.key)
  const serial = randomBytes(8)
  serial[0]! &= 0x7f
  const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), boolean(true), octets(value))
  const content = sequence(
    explicit(0, integer(2)), integer(serial), by.algorithm, signer.certificate.rawSubject, sequence(time(notBefore), time(notAfter)), encodeSubject({ commonName: name, organizations: [] }), publicKeyToDer(key),
    explicit(3, sequence(extension('2.5.29.15', namedBits([5])), extension('2.5.29.19', sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)]))), ...Object.entries(extensions).map(([id, value]) => extension(id, value)))),
  )
  return { certificate: parseCertificate(sequence(content, by.algorithm, bitString(by.sign(content)))), key }
}
