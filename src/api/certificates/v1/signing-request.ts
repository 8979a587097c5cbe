import { bitStringTag, contentOf, fieldsOf, integerTag, oidOf, oidTag, sequenceTag, setTag, wholeOf, type Element } from './asn1'
import { pemBlocks, textOf } from './pem-blocks'
import { checkPublicKey } from './public-key-info'

/** What it takes to see whether a request was made by whoever has its key. */
export interface SigningRequestParts {
  /** What was signed. */
  readonly signed: Uint8Array
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly publicKeyAlgorithm: string
  /** AlgorithmIdentifier's object identifier, and its parameters where it has some. */
  readonly algorithm: string
  readonly parameters: Uint8Array | undefined
  readonly signature: Uint8Array
}

/**
 * Reads `spec.request`: base64 of a PEM text of a PKCS#10 request. The signature is not looked at: that takes more than is here.
 * @throws Error in the original's words.
 */
export function readSigningRequest(request: string | null | undefined): SigningRequestParts {
  const [first] = pemBlocks(textOf(request))
  if (first?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const { bytes } = first
  const outer = fieldsOf({ bytes, from: 0, to: bytes.length })
  const whole = outer.take(sequenceTag, 'certificateRequest')
  const parts = fieldsOf(whole)
  const content = parts.take(sequenceTag, 'tbsCertificateRequest')
  const fields = fieldsOf(content)
  fields.take(integerTag, 'int')
  const subject = fields.next()
  const info = fields.take(sequenceTag, 'publicKeyInfo')
  const infoFields = fieldsOf(info)
  const keyAlgorithm = infoFields.take(sequenceTag, 'AlgorithmIdentifier')
  const key = infoFields.take(bitStringTag, 'BitString')
  fields.take(0xa0, '')
  const algorithm = fieldsOf(parts.take(sequenceTag, 'AlgorithmIdentifier'))
  const algorithmId = oidOf(algorithm.take(oidTag, 'ObjectIdentifier'))
  const parameters = algorithm.done ? undefined : wholeOf(algorithm.next())
  const signature = parts.take(bitStringTag, 'BitString')
  if (!outer.done) throw new Error('asn1: syntax error: trailing data')
  checkPublicKey(keyAlgorithm, key)
  checkSubject(subject)
  return {
    signed: wholeOf(content), publicKey: wholeOf(info), publicKeyAlgorithm: oidOf(fieldsOf(keyAlgorithm).next()), algorithm: algorithmId, parameters, signature: contentOf(signature).subarray(1),
  }
}

function checkSubject(subject: Element): void {
  const { bytes, at, to } = subject
  const names = fieldsOf(fieldsOf({ bytes, from: at, to }).take(sequenceTag, 'RDNSequence'))
  while (!names.done) {
    const relative = fieldsOf(names.take(setTag, 'RelativeDistinguishedNameSET'))
    while (!relative.done) {
      const attribute = fieldsOf(relative.take(sequenceTag, 'AttributeTypeAndValue'))
      attribute.take(oidTag, 'ObjectIdentifier')
      attribute.next()
    }
  }
}
