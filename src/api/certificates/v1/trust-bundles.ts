import { contentOf, fieldsOf, oidOf, sequenceTag } from './asn1'
import { isCertificate } from './issued-certificates'
import { pemBlocks } from './pem-blocks'

const basicConstraints = '2.5.29.19'
const booleanTag = 0x01
const octetStringTag = 0x04

/** What is wrong with a text of trust anchors, in the original's words: every block is a certificate of an authority, each there once. */
export function problemsOfTrustBundle(text: string): string[] {
  const problems: string[] = []
  const places = new Map<string, number[]>()
  let i = -1
  for (const { type, hasHeaders, bytes } of pemBlocks(text)) {
    i++
    if (type !== 'CERTIFICATE') problems.push(`entry ${i} has bad block type: ${type}`)
    else if (hasHeaders) problems.push(`entry ${i} has PEM block headers`)
    else if (!isCertificate(bytes)) problems.push(`entry ${i} does not parse as X.509`)
    else if (!isAuthority(bytes)) problems.push(`entry ${i} does not have the CA bit set`)
    else {
      const key = String.fromCharCode(...bytes)
      const known = places.get(key)
      if (known) known.push(i)
      else places.set(key, [i])
    }
  }
  // About what is missing or twice there, nothing is said while blocks are malformed.
  if (problems.length > 0) return problems
  if (places.size === 0) return ['at least one trust anchor must be provided']
  return [...places.values()].filter((indices) => indices.length > 1).map((indices) => `duplicate trust anchor (indices [${indices.join(' ')}])`)
}

/** Of a certificate that was found to be whole. */
function isAuthority(bytes: Uint8Array): boolean {
  const certificate = fieldsOf(fieldsOf({ bytes, from: 0, to: bytes.length }).next()).next()
  const fields = fieldsOf(certificate)
  while (!fields.done) {
    const field = fields.next()
    if (field.tag !== 0xa3) continue
    const extensions = fieldsOf(fieldsOf(field).next())
    while (!extensions.done) {
      const parts = fieldsOf(extensions.next())
      if (oidOf(parts.next()) !== basicConstraints) continue
      const value = lastOf(parts)
      if (value?.tag !== octetStringTag) return false
      const inner = fieldsOf(value)
      if (inner.done) return false
      const constraints = inner.next()
      if (constraints.tag !== sequenceTag) return false
      const flags = fieldsOf(constraints)
      if (flags.done) return false
      const flag = flags.next()
      return flag.tag === booleanTag && contentOf(flag)[0] !== 0
    }
  }
  return false
}

function lastOf(fields: ReturnType<typeof fieldsOf>): ReturnType<typeof fields.next> | undefined {
  let last: ReturnType<typeof fields.next> | undefined
  while (!fields.done) last = fields.next()
  return last
}
