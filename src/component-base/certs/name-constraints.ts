import { isIP } from 'node:net'
import { children, readDer, type Der } from './der'
import { addressText } from './names'

/** A range of addresses, as bytes of one family. */
export interface AddressRange {
  readonly address: Buffer
  readonly mask: Buffer
  /** `10.0.0.0/8` */
  readonly text: string
}

export interface NameSubtrees {
  /** `example.com` and what is below it; with a leading dot only what is below. */
  readonly dns: readonly string[]
  /** Whole addresses, or domains as above. */
  readonly emails: readonly string[]
  readonly uris: readonly string[]
  readonly ips: readonly AddressRange[]
}

/** For which names an authority, and those it vouches for, may speak (RFC 5280 4.2.1.10). A sort of which nothing is permitted is not limited. */
export interface NameConstraints {
  readonly permitted: NameSubtrees
  readonly excluded: NameSubtrees
}

/** `unhandled`: it limits names of a sort that nobody here looks at. Throws for what is malformed. */
export function decodeNameConstraints(value: Buffer): { readonly constraints: NameConstraints; readonly unhandled: boolean } {
  const parts = children(readDer(value))
  const [permitted, excluded] = [0xa0, 0xa1].map((tag) => parts.find((part) => part.tag === tag))
  if (!permitted && !excluded) throw new Error('x509: empty name constraints extension')
  const sorts = { unhandled: false }
  return { constraints: { permitted: subtrees(permitted, sorts), excluded: subtrees(excluded, sorts) }, unhandled: sorts.unhandled }
}

function subtrees(list: Der | undefined, sorts: { unhandled: boolean }): NameSubtrees {
  const found = { dns: [] as string[], emails: [] as string[], uris: [] as string[], ips: [] as AddressRange[] }
  for (const subtree of list ? children(list) : []) {
    const [base] = children(subtree)
    if (!base) throw new Error('x509: invalid NameConstraints extension')
    const { tag, body } = base
    const text = body.toString('latin1')
    if (tag === 0x82) found.dns.push(checked(text, domainNameValid(text, true), 'dnsName'))
    else if (tag === 0x81) found.emails.push(checked(text, text.includes('@') ? parseMailbox(text) !== undefined : domainNameValid(text, true), 'rfc822Name'))
    else if (tag === 0x86) found.uris.push(checked(text, domainNameValid(text, true) && !isIP(text), 'URI'))
    else if (tag === 0x87) found.ips.push(rangeOf(body))
    else sorts.unhandled = true
  }
  return found
}

function checked(text: string, valid: boolean, sort: string): string {
  if (!valid) throw new Error(`x509: failed to parse ${sort} constraint ${JSON.stringify(text)}`)
  return text
}

function rangeOf(body: Buffer): AddressRange {
  if (body.length !== 8 && body.length !== 32) throw new Error(`x509: IP constraint contained value of length ${body.length}`)
  const [address, mask] = [body.subarray(0, body.length / 2), body.subarray(body.length / 2)]
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  if (bits.includes('01')) throw new Error(`x509: IP constraint contained invalid mask ${mask.toString('hex')}`)
  return { address, mask, text: `${addressText(address)}/${bits.replaceAll('0', '').length}` }
}

/** `constraint`: may be empty, and begin with a dot. */
export function domainNameValid(name: string, constraint: boolean): boolean {
  if (name === '') return constraint
  if (!constraint && name.endsWith('.')) return false
  const bare = constraint && name.startsWith('.') ? name.slice(1) : name
  return name.length <= 253 && /^[!-~]+$/.test(bare) && bare.split('.').every((label) => label.length > 0 && label.length <= 63)
}

export interface Mailbox {
  readonly local: string
  readonly domain: string
}

/** Of RFC 2821; undefined for what is none. */
export function parseMailbox(text: string): Mailbox | undefined {
  const quoted = /^"((?:[^"\\\r\n]|\\.)+)"@([^@]+)$/.exec(text)
  const plain = /^([A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*)@([^@]+)$/.exec(text)
  const [, local, domain] = quoted ?? plain ?? []
  if (local === undefined || !domainNameValid(domain!, false)) return undefined
  return { local: quoted ? local.replaceAll(/\\(.)/g, '$1') : local, domain: domain! }
}
