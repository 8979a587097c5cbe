import { bitStringTag, contentOf, fieldsOf, integerTag, oidOf, oidTag, sequenceTag, setTag, wholeOf, type Element, type Fields } from './asn1'
import { pemBlocks, textOf } from './pem-blocks'
import { checkPublicKey } from './public-key-info'

/** What is wrong with `status.certificate`, in the original's words; undefined: nothing. Certificates must be whole, not valid. */
export function problemOfCertificates(certificate: string): string | undefined {
  let blocks = 0
  for (const { type, hasHeaders, bytes } of pemBlocks(textOf(certificate))) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    if (hasHeaders) return 'no PEM block headers are permitted'
    blocks++
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates'
    try {
      for (let from = 0; from < bytes.length;) from = checkCertificate(bytes, from)
    } catch (error) {
      return (error as Error).message
    }
  }
  return blocks === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

/** Whether these bytes are one certificate, whole, and nothing else. */
export function isCertificate(bytes: Uint8Array): boolean {
  try {
    return bytes.length > 0 && checkCertificate(bytes, 0) === bytes.length
  } catch {
    return false
  }
}

const malformed = (what: string): Error => new Error(`x509: malformed ${what}`)

/** The next field if it has a tag. Throws `x509: malformed ...` otherwise, unless it is said otherwise. */
function take(fields: Fields, tag: number, what: string, otherwise = `x509: malformed ${what}`): Element {
  try {
    const element = fields.next()
    if (element.tag === tag) return element
  } catch {
    // Whatever is wrong with its bytes, it is no such value.
  }
  throw new Error(otherwise)
}

/** Returns where the certificate ends. */
function checkCertificate(bytes: Uint8Array, from: number): number {
  const whole = take(fieldsOf({ bytes, from, to: bytes.length }), sequenceTag, 'certificate')
  const parts = fieldsOf(whole)
  const fields = fieldsOf(take(parts, sequenceTag, 'tbs certificate'))
  const version = readVersion(fields)
  if (contentOf(take(fields, integerTag, 'serial number'))[0]! >= 0x80) throw new Error('x509: negative serial number')
  const inner = take(fields, sequenceTag, 'signature algorithm identifier')
  const outer = take(parts, sequenceTag, 'algorithm identifier')
  if (!same(wholeOf(inner), wholeOf(outer))) throw new Error("x509: inner and outer signature algorithm identifiers don't match")
  take(fieldsOf(inner), oidTag, 'OID')
  checkName(take(fields, sequenceTag, 'issuer'))
  checkValidity(take(fields, sequenceTag, 'validity'))
  checkName(take(fields, sequenceTag, 'issuer'))
  const info = fieldsOf(take(fields, sequenceTag, 'spki'))
  const algorithm = take(info, sequenceTag, 'public key algorithm identifier')
  take(fieldsOf(algorithm), oidTag, 'OID')
  checkPublicKey(algorithm, take(info, bitStringTag, 'subjectPublicKey'))
  if (version > 0) {
    fields.maybe(0x81)
    fields.maybe(0x82)
  }
  const extensions = version === 2 ? fields.maybe(0xa3) : undefined
  if (extensions) checkExtensions(take(fieldsOf(extensions), sequenceTag, 'extensions'))
  take(parts, bitStringTag, 'signature')
  return whole.to
}

function readVersion(fields: Fields): number {
  const explicit = fields.maybe(0xa0)
  if (!explicit) return 0
  const content = contentOf(take(fieldsOf(explicit), integerTag, 'version'))
  if (content.length !== 1 || content[0]! >= 0x80) throw malformed('version')
  if (content[0]! > 2) throw new Error('x509: invalid version')
  return content[0]!
}

function checkName(name: Element): void {
  const names = fieldsOf(name)
  while (!names.done) {
    const relative = fieldsOf(take(names, setTag, '', 'x509: invalid RDNSequence'))
    while (!relative.done) {
      const attribute = fieldsOf(take(relative, sequenceTag, '', 'x509: invalid RDNSequence: invalid attribute'))
      take(attribute, oidTag, '', 'x509: invalid RDNSequence: invalid attribute type')
      if (attribute.done) throw new Error('x509: invalid RDNSequence: invalid attribute value')
    }
  }
}

function checkValidity(validity: Element): void {
  const times = fieldsOf(validity)
  for (let i = 0; i < 2; i++) {
    if (times.done) throw malformed('validity')
    const { tag } = times.next()
    if (tag !== 0x17 && tag !== 0x18) throw new Error('x509: unsupported time format')
  }
}

function checkExtensions(list: Element): void {
  const extensions = fieldsOf(list)
  const seen = new Set<string>()
  while (!extensions.done) {
    const id = oidOf(take(fieldsOf(take(extensions, sequenceTag, 'extension')), oidTag, 'extension OID field'))
    if (seen.has(id)) throw new Error(`x509: certificate contains duplicate extension with OID ${JSON.stringify(id)}`)
    seen.add(id)
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])
