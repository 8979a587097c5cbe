import { children, der, implicit, oid, readDer, readOid, readText, sequence, setOf, tags, utf8 } from './der'
import type { Der } from './der'
import { isIP } from 'node:net'

/** Who a certificate speaks of: to Kubernetes the common name is the user and the organizations are its groups. */
export interface Subject {
  readonly commonName: string
  readonly organizations: readonly string[]
  /** What tells two users of one name apart, as Kubernetes writes it into a name. */
  readonly uids?: readonly string[]
}

const userId = '1.3.6.1.4.1.57683.2'
const commonName = '2.5.4.3'
const organization = '2.5.4.10'
// Go writes printable strings where it can; some clients compare names byte by byte, so the same choice is made here.
const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/

export function encodeSubject({ commonName: name, organizations, uids = [] }: Subject): Buffer {
  const text = (value: string): Buffer => (printable.test(value) ? der(tags.printableString, Buffer.from(value)) : utf8(value))
  const part = (type: string, value: string): Buffer => setOf(sequence(oid(type), text(value)))
  return sequence(...organizations.map((value) => part(organization, value)), ...(name ? [part(commonName, name)] : []), ...uids.map((value) => part(userId, value)))
}

/** The last common name counts, as in Go. */
export function decodeSubject(name: Der): Subject {
  let last = ''
  const organizations: string[] = []
  const uids: string[] = []
  for (const relative of children(name)) {
    for (const attribute of children(relative)) {
      const [type, value] = children(attribute)
      if (!type || !value) throw new Error('malformed certificate: a name without type or value')
      const which = readOid(type)
      if (which === commonName) last = readText(value)
      else if (which === organization) organizations.push(readText(value))
      else if (which === userId) uids.push(readText(value))
    }
  }
  return { commonName: last, organizations, ...(uids.length > 0 ? { uids } : {}) }
}

/** Subject alternative names. Addresses are in text form: `10.96.0.1`, `::1`. */
export interface AlternativeNames {
  readonly dns: readonly string[]
  readonly ips: readonly string[]
  readonly uris: readonly string[]
  readonly emails: readonly string[]
}

export const noAlternativeNames: AlternativeNames = { dns: [], ips: [], uris: [], emails: [] }

/** Tells addresses from names: `alternativeNames(['localhost', '127.0.0.1'])`. Each is kept once. */
export function alternativeNames(hosts: Iterable<string>): AlternativeNames {
  const all = [...new Set(hosts)]
  return { ...noAlternativeNames, dns: all.filter((host) => !isIP(host)), ips: all.filter((host) => isIP(host)) }
}

export function encodeAlternativeNames({ dns, ips, uris, emails }: AlternativeNames): Buffer {
  return sequence(
    ...dns.map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...emails.map((name) => implicit(1, Buffer.from(name, 'latin1'))),
    ...ips.map((ip) => implicit(7, addressBytes(ip))),
    ...uris.map((uri) => implicit(6, Buffer.from(uri, 'latin1'))),
  )
}

export function decodeAlternativeNames(value: Buffer): AlternativeNames {
  const names = { dns: [] as string[], ips: [] as string[], uris: [] as string[], emails: [] as string[] }
  for (const { tag, body } of children(readDer(value))) {
    if (tag === 0x82) names.dns.push(body.toString('latin1'))
    else if (tag === 0x81) names.emails.push(body.toString('latin1'))
    else if (tag === 0x86) names.uris.push(body.toString('latin1'))
    else if (tag === 0x87) names.ips.push(addressText(body))
  }
  return names
}

/** 4 or 16 bytes. */
export function addressBytes(ip: string): Buffer {
  if (isIP(ip) === 4) return Buffer.from(ip.split('.').map(Number))
  if (isIP(ip) !== 6 || ip.includes('%')) throw new Error(`not an IP address: ${JSON.stringify(ip)}`)
  // A trailing dotted part stands for the last four bytes.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(ip)
  const text = dotted ? dotted[1]! + addressBytes(dotted[2]!).toString('hex').replace(/^(.{4})/, '$1:') : ip
  const [before, after] = text.split('::') as [string, string | undefined]
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : [])
  const head = groups(before)
  const tail = groups(after)
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return Buffer.from([...head, ...zeros, ...tail].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]))
}

/** The shortest form of RFC 5952, by way of the URL parser, which both runtimes have. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new Error(`malformed certificate: an IP address of ${bytes.length} bytes`)
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
