import { bitsOf, formatIp, parseIp, type Ip } from '#base/ip'
import { contains, formatCidr, parseCidr, type Cidr } from '#base/cidr'
import type { FieldErrors } from '#apimachinery/field-errors'
import type { Field } from './field-checks'

export const isIP = (text: string): boolean => parseIp(text) !== undefined
export const isCidr = (text: string): boolean => parseCidr(text) !== undefined

/** Zeros in front of decimal numbers were once passed over; some programs take such numbers for octal ones. */
const withoutZeros = (text: string): string => text.replaceAll(/(^|[.:/])0+(?=\d+(?:[./]|$))/g, '$1')
const lenientIp = (text: string): Ip | undefined => parseIp(text) ?? (text.includes('.') ? parseIp(withoutZeros(text)) : undefined)
const lenientCidr = (text: string): Cidr | undefined => parseCidr(text) ?? parseCidr(withoutZeros(text))
/** `::ffff:1.2.3.4`: read as IPv4 by some, as IPv6 by others. */
const isMapped = (text: string, { family }: { family: 4 | 6 }): boolean => family === 4 && text.includes(':')
const hasHostBits = (text: string, cidr: Cidr): boolean => parseIp(text.slice(0, text.indexOf('/')))?.value !== cidr.base

const noIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const noCidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

function ipProblem(text: string): string | undefined {
  const ip = lenientIp(text)
  if (!ip) return noIp
  if (!parseIp(text)) return 'must not have leading 0s'
  return isMapped(text, ip) ? 'must not be an IPv4-mapped IPv6 address' : undefined
}

function cidrProblem(text: string): string | undefined {
  const cidr = lenientCidr(text)
  if (!cidr) return noCidr
  if (!parseCidr(text)) return 'must not have leading 0s in IP or prefix length'
  if (isMapped(text, cidr)) return 'must not have an IPv4-mapped IPv6 address'
  return hasHostBits(text, cidr) ? 'must not have bits set beyond the prefix length' : undefined
}

/** Of fields that are older than the one canonical form; `known` are values of the object before, which may stay as they are. */
export function ipAddress(errors: FieldErrors, field: Field, value: string, known: readonly string[] = []): void {
  const problem = known.includes(value) ? undefined : ipProblem(value)
  if (problem !== undefined) errors.at(field).invalid(value, problem)
}
export function cidr(errors: FieldErrors, field: Field, value: string, known: readonly string[] = []): void {
  const problem = known.includes(value) ? undefined : cidrProblem(value)
  if (problem !== undefined) errors.at(field).invalid(value, problem)
}

/** Of newer fields: the canonical form alone. */
export const canonicalIpProblem = (value: string): string | undefined => ipProblem(value) ?? notCanonical(value, formatIp(lenientIp(value)!))

export function canonicalIp(errors: FieldErrors, field: Field, value: string): void {
  const problem = canonicalIpProblem(value)
  if (problem !== undefined) errors.at(field).invalid(value, problem)
}
export function canonicalCidr(errors: FieldErrors, field: Field, value: string): void {
  const problem = cidrProblem(value) ?? notCanonical(value, formatCidr(lenientCidr(value)!))
  if (problem !== undefined) errors.at(field).invalid(value, problem)
}
/** An address with the length of its network: `10.9.8.7/24`. */
export function interfaceAddress(errors: FieldErrors, field: Field, value: string): void {
  const read = lenientCidr(value)
  const ip = lenientIp(value.slice(0, value.indexOf('/')))
  const problem = read && ip ? notCanonical(value, `${formatIp(ip)}/${read.prefix}`) : 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'
  if (problem !== undefined) errors.at(field).invalid(value, problem)
}

const notCanonical = (value: string, canonical: string): string | undefined => (value === canonical ? undefined : `must be in canonical form (${JSON.stringify(canonical)})`)

/** What the older fields are warned about: forms that not everybody reads the same way. `path` names the field. */
export function ipWarnings(path: string, value: string): string[] {
  const ip = lenientIp(value)
  if (!ip) return []
  if (!parseIp(value) || isMapped(value, ip)) return [`${path}: non-standard IP address ${JSON.stringify(value)} is invalid: use ${JSON.stringify(formatIp(ip))}`]
  return ip.family === 6 && formatIp(ip) !== value ? [`${path}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format (${JSON.stringify(formatIp(ip))})`] : []
}
export function cidrWarnings(path: string, value: string): string[] {
  const read = lenientCidr(value)
  const ip = lenientIp(value.slice(0, value.indexOf('/')))
  if (!read || !ip) return []
  const quoted = JSON.stringify(value)
  const warnings: string[] = []
  if (ip.value !== read.base) warnings.push(`${path}: CIDR value ${quoted} is ambiguous in this context (should be ${JSON.stringify(formatCidr(read))} or "${formatIp(ip)}/${bitsOf(ip.family)}"?)`)
  if (!parseCidr(value) || isMapped(value, ip)) warnings.push(`${path}: non-standard CIDR value ${quoted} is invalid: use ${JSON.stringify(formatCidr(read))}`)
  if (warnings.length === 0 && ip.family === 6 && formatCidr(read) !== value) warnings.push(`${path}: IPv6 CIDR value ${quoted} should be in RFC 5952 canonical format (${JSON.stringify(formatCidr(read))})`)
  return warnings
}

/** More than one address of a family. */
export function repeatsFamily(addresses: readonly string[]): boolean {
  return addresses.length > 2 || (addresses.length === 2 && addresses[0]!.includes(':') === addresses[1]!.includes(':'))
}

/** Addresses that no Endpoints, EndpointSlice or external address may name, since they mean something else on every node. */
const unreachable: readonly [cidr: string, detail: string][] = [
  ['127.0.0.0/8', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'], ['::1/128', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['169.254.0.0/16', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'], ['fe80::/10', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['224.0.0.0/24', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
  ['ff02::/16', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
]
const ranges = unreachable.map(([text, detail]) => ({ range: parseCidr(text)!, detail }))

/** For a text that is an address. */
export function reachableAddress(errors: FieldErrors, field: Field, value: string): void {
  const ip = parseIp(value)
  if (!ip) return
  if (ip.value === 0n) errors.at(field).invalid(value, `may not be unspecified (${value})`)
  for (const { range, detail } of ranges) if (contains(range, ip)) errors.at(field).invalid(value, detail)
}
