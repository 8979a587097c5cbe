import { bitsOf, formatIp, parseIp, type Ip } from '#base/ip'
import { fail } from '../runtime/errors'
import { quoted } from '../runtime/go-numbers'
import { Opaque } from '../runtime/values'
import { addressFault } from './go-addresses'
import { each, type FunctionDeclaration } from './overload'

export class IpValue extends Opaque {
  readonly typeName = 'net.IP'
  readonly ip: Ip
  constructor(ip: Ip) {
    super()
    this.ip = ip
  }
  override get size(): number {
    return bitsOf(this.ip.family) / 8
  }
  equals(other: Opaque): boolean {
    const { ip } = other as IpValue
    return ip.family === this.ip.family && ip.value === this.ip.value
  }
  override toString(): string {
    return formatIp(this.ip)
  }
}

/** An address with the length of a prefix: bits behind it are kept. */
export class CidrValue extends Opaque {
  readonly typeName = 'net.CIDR'
  readonly ip: Ip
  readonly prefix: number
  constructor(ip: Ip, prefix: number) {
    super()
    this.ip = ip
    this.prefix = prefix
  }
  override get size(): number {
    return Math.ceil(this.prefix / 8)
  }
  equals(other: Opaque): boolean {
    const { ip, prefix } = other as CidrValue
    return ip.family === this.ip.family && ip.value === this.ip.value && prefix === this.prefix
  }
  override toString(): string {
    return `${formatIp(this.ip)}/${this.prefix}`
  }
}

function parseAddress(text: string): Ip | string {
  if (text.includes('%') && text.includes(':') && parseIp(text.slice(0, text.indexOf('%')))
    && !text.endsWith('%')) return `IP address ${quoted(text)} with zone value is not allowed`
  const ip = parseIp(text)
  if (!ip) return `IP Address ${quoted(text)} parse error during conversion from string: ${addressFault(text)}`
  return ip.family === 4 && text.includes(':') ? `IPv4-mapped IPv6 address ${quoted(text)} is not allowed` : ip
}

function parsePrefix(text: string): CidrValue | string {
  const slash = text.lastIndexOf('/')
  const fault = (message: string): string => `network address parse error during conversion from string: netip.ParsePrefix(${quoted(text)}): ${message}`
  if (slash < 0) return fault("no '/'")
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)]
  const ip = parseIp(address)
  if (!ip) return fault(address.includes('%') && address.includes(':') ? 'IPv6 zones cannot be present in a prefix' : addressFault(address))
  if (!/^(?:0|[1-9]\d*)$/.test(bits)) return fault(`bad bits after slash: ${quoted(bits)}`)
  const mapped = ip.family === 4 && address.includes(':')
  if (Number(bits) > (mapped ? 128 : bitsOf(ip.family))) return fault('prefix length out of range')
  return mapped ? `IPv4-mapped IPv6 address ${quoted(text)} is not allowed` : new CidrValue(ip, Number(bits))
}

function ipOf(text: string): IpValue {
  const found = parseAddress(text)
  return typeof found === 'string' ? fail(found) : new IpValue(found)
}

function cidrOf(text: string): CidrValue {
  const found = parsePrefix(text)
  return typeof found === 'string' ? fail(`network address parse error during conversion from string: ${found}`) : found
}

const shiftOf = ({ ip: { family }, prefix }: CidrValue): bigint => BigInt(bitsOf(family) - prefix)
const masked = (cidr: CidrValue): CidrValue => new CidrValue({ family: cidr.ip.family, value: (cidr.ip.value >> shiftOf(cidr)) << shiftOf(cidr) }, cidr.prefix)
const containsIp = (cidr: CidrValue, { ip }: IpValue): boolean => ip.family === cidr.ip.family && ip.value >> shiftOf(cidr) === cidr.ip.value >> shiftOf(cidr)
const containsCidr = (outer: CidrValue, inner: CidrValue): boolean => inner.prefix >= outer.prefix && containsIp(outer, new IpValue(inner.ip))

/** A text that is no address is an argument of the wrong type to the original. */
const orOverload = <T>(found: T | string): T => (typeof found === 'string' ? fail('no such overload') : found)

const within = (ip: Ip, four: readonly [base: bigint, bits: bigint], six: readonly [base: bigint, bits: bigint]): boolean => {
  const [base, bits] = ip.family === 4 ? four : six
  const shift = BigInt(bitsOf(ip.family)) - bits
  return ip.value >> shift === base
}
const isUnspecified = ({ value }: Ip): boolean => value === 0n
const isLoopback = (ip: Ip): boolean => within(ip, [127n, 8n], [1n, 128n])
const isLinkLocalUnicast = (ip: Ip): boolean => within(ip, [0xa9fen, 16n], [0xfe80n >> 6n, 10n])
const isMulticast = (ip: Ip): boolean => within(ip, [0xen, 4n], [0xffn, 8n])
const isLinkLocalMulticast = (ip: Ip): boolean => (ip.family === 4 ? ip.value >> 8n === 0xe00000n : (ip.value >> 112n & 0xff0fn) === 0xff02n)
const isGlobalUnicast = (ip: Ip): boolean =>
  !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip) && !(ip.family === 4 && ip.value === 0xffffffffn)

const asked = (name: string, id: string, holds: (ip: Ip) => boolean): FunctionDeclaration => each(name, { [id]: ['net.IP.() -> bool', ({ ip }: IpValue) => holds(ip)] })

export const net: readonly FunctionDeclaration[] = [
  each('ip', { string_to_ip: ['(string) -> net.IP', ipOf], cidr_ip: ['net.CIDR.() -> net.IP', ({ ip }: CidrValue) => new IpValue(ip)] }),
  each('isIP', { is_ip: ['(string) -> bool', (text: string) => typeof parseAddress(text) !== 'string'] }),
  each('ip.isCanonical', { ip_is_canonical: ['(string) -> bool', (text: string) => String(ipOf(text)) === text] }),
  each('family', { ip_family: ['net.IP.() -> int', ({ ip }: IpValue) => ip.family] }),
  asked('isUnspecified', 'ip_is_unspecified', isUnspecified),
  asked('isLoopback', 'ip_is_loopback', isLoopback),
  asked('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
  asked('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
  asked('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
  each('cidr', { string_to_cidr: ['(string) -> net.CIDR', cidrOf] }),
  each('isCIDR', { is_cidr: ['(string) -> bool', (text: string) => typeof parsePrefix(text) !== 'string'] }),
  each('containsIP', {
    cidr_contains_ip_string: ['net.CIDR.(string) -> bool', (cidr: CidrValue, text: string) => containsIp(cidr, new IpValue(orOverload(parseAddress(text))))],
    cidr_contains_ip_ip: ['net.CIDR.(net.IP) -> bool', containsIp],
  }),
  each('containsCIDR', {
    cidr_contains_cidr_string: ['net.CIDR.(string) -> bool', (cidr: CidrValue, text: string) => containsCidr(cidr, orOverload(parsePrefix(text)))],
    cidr_contains_cidr: ['net.CIDR.(net.CIDR) -> bool', containsCidr],
  }),
  each('prefixLength', { cidr_prefix_length: ['net.CIDR.() -> int', ({ prefix }: CidrValue) => prefix] }),
  each('masked', { cidr_masked: ['net.CIDR.() -> net.CIDR', masked] }),
]
