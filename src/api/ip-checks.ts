import { contains, parseCidr } from '#base/cidr'
import { parseIp } from '#base/ip'
import type { FieldErrors } from '#apimachinery/field-errors'
import type { Field } from './field-checks'

export const isIP = (text: string): boolean => parseIp(text) !== undefined
export const isCidr = (text: string): boolean => parseCidr(text) !== undefined

export function ipAddress(errors: FieldErrors, field: Field, value: string): void {
  if (!isIP(value)) errors.at(field).invalid(value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')
}
export function cidr(errors: FieldErrors, field: Field, value: string): void {
  if (!isCidr(value)) errors.at(field).invalid(value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')
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
