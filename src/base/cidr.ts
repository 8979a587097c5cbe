import { addToIp, bitsOf, formatIp, parseIp } from './ip'
import type { Ip } from './ip'

/** A network: its first address and how many leading bits all its addresses share. */
export interface Cidr { readonly family: 4 | 6; readonly base: bigint; readonly prefix: number }

/** `10.0.0.0/8`. Bits behind the prefix are cut off; `parseCidrStrictly` refuses them. Undefined where the text is no CIDR. */
export function parseCidr(text: string): Cidr | undefined {
  const parts = text.split('/')
  if (parts.length !== 2 || !/^(0|[1-9]\d{0,2})$/.test(parts[1]!)) return undefined
  const ip = parseIp(parts[0]!)
  const prefix = Number(parts[1])
  if (!ip || prefix > bitsOf(ip.family)) return undefined
  const host = BigInt(bitsOf(ip.family) - prefix)
  return { family: ip.family, base: (ip.value >> host) << host, prefix }
}

/** As `parseCidr`, but only the canonical form of a network: no host bits, canonical address. */
export function parseCidrStrictly(text: string): Cidr | undefined {
  const cidr = parseCidr(text)
  return cidr && formatCidr(cidr) === text ? cidr : undefined
}

export const formatCidr = (cidr: Cidr): string => `${formatIp(firstOf(cidr))}/${cidr.prefix}`

export const firstOf = (cidr: Cidr): Ip => ({ family: cidr.family, value: cidr.base })
export const lastOf = (cidr: Cidr): Ip => addToIp(firstOf(cidr), sizeOf(cidr) - 1n)
/** How many addresses it holds. */
export const sizeOf = (cidr: Cidr): bigint => 1n << BigInt(bitsOf(cidr.family) - cidr.prefix)

export function contains(cidr: Cidr, ip: Ip): boolean {
  if (cidr.family !== ip.family) return false
  const host = BigInt(bitsOf(cidr.family) - cidr.prefix)
  return ip.value >> host === cidr.base >> host
}

export const containsCidr = (outer: Cidr, inner: Cidr): boolean => inner.prefix >= outer.prefix && contains(outer, firstOf(inner))
export const overlap = (a: Cidr, b: Cidr): boolean => containsCidr(a, b) || containsCidr(b, a)

/** The address `offset` behind the first; negative counts from behind the last, so that -1 is the last. Undefined outside. */
export function ipAt(cidr: Cidr, offset: bigint | number): Ip | undefined {
  const at = BigInt(offset) < 0n ? sizeOf(cidr) + BigInt(offset) : BigInt(offset)
  return at < 0n || at >= sizeOf(cidr) ? undefined : addToIp(firstOf(cidr), at)
}

/** The `index`th network of a shorter one cut into pieces of `prefix` bits. Undefined where there are not so many. */
export function subnetAt(cidr: Cidr, prefix: number, index: bigint | number): Cidr | undefined {
  if (prefix < cidr.prefix || prefix > bitsOf(cidr.family)) return undefined
  const at = BigInt(index)
  if (at < 0n || at >= 1n << BigInt(prefix - cidr.prefix)) return undefined
  return { family: cidr.family, base: cidr.base + (at << BigInt(bitsOf(cidr.family) - prefix)), prefix }
}

/** Which piece of `subnetAt` an address is in. Undefined outside. */
export function subnetIndex(cidr: Cidr, prefix: number, ip: Ip): bigint | undefined {
  return contains(cidr, ip) ? (ip.value - cidr.base) >> BigInt(bitsOf(cidr.family) - prefix) : undefined
}
