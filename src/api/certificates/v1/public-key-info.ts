import { contentOf, elementAt, fieldsOf, integerTag, oidOf, oidTag, sequenceTag, type Element } from './asn1'

const rsa = '1.2.840.113549.1.1.1'
const ec = '1.2.840.10045.2.1'
const ed25519 = '1.3.101.112'
const curves = new Set(['1.3.132.0.33', '1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35'])

/** Throws, in Go's words, for a public key that cannot be one. Sorts of keys that are not known pass. */
export function checkPublicKey(algorithm: Element, key: Element): void {
  const fields = fieldsOf(algorithm)
  const id = oidOf(fields.take(oidTag, 'ObjectIdentifier'))
  const parameters = fields.done ? undefined : fields.next()
  // The first byte of a bit string says how many bits of the last one do not count.
  const bits = contentOf(key).subarray(1)
  if (id === rsa) {
    if (parameters?.tag !== 0x05) throw new Error('x509: RSA key missing NULL parameters')
    checkRsa(bits)
  } else if (id === ec) {
    if (parameters?.tag !== oidTag) throw new Error('x509: invalid ECDSA parameters')
    if (!curves.has(oidOf(parameters))) throw new Error('x509: unsupported elliptic curve')
  } else if (id === ed25519) {
    if (parameters) throw new Error('x509: Ed25519 key encoded with illegal parameters')
    if (bits.length !== 32) throw new Error('x509: wrong Ed25519 public key size')
  }
}

function checkRsa(bits: Uint8Array): void {
  const part = (tag: number, read: () => Element, what: string): Element => {
    try {
      const element = read()
      if (element.tag === tag) return element
    } catch {
      // Whatever is wrong with its bytes, it is no such value.
    }
    throw new Error(`x509: invalid RSA ${what}`)
  }
  const fields = fieldsOf(part(sequenceTag, () => elementAt(bits, 0, bits.length), 'public key'))
  for (const what of ['modulus', 'public exponent']) {
    const number = part(integerTag, () => fields.next(), what)
    const content = contentOf(number)
    if (content[0]! >= 0x80 || content.every((byte) => byte === 0)) throw new Error(`x509: RSA ${what} is not a positive number`)
  }
}
