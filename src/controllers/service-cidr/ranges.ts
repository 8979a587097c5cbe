import { servicecidrs } from '#api/networking/v1/service-cidr'
import type { ServiceCIDR } from '#api/networking/v1/types'
import { contains, containsCidr, overlap, parseCidr } from '#base/cidr'
import type { Cidr } from '#base/cidr'
import { parseIp } from '#base/ip'
import type { Cached } from '#controller-runtime/controller'

/** What the allocator of Services' addresses writes onto the IPAddresses that it makes. */
export const labels = { family: 'ipaddress.kubernetes.io/ip-family', managedBy: 'ipaddress.kubernetes.io/managed-by' } as const
export const allocator = 'ipallocator.k8s.io'

export const rangesOf = ({ spec }: ServiceCIDR): Cidr[] => (spec.cidrs ?? []).flatMap((text) => parseCidr(text) ?? [])

const having = (cached: Cached, fits: (range: Cidr) => boolean): ServiceCIDR[] => cached(servicecidrs).list().filter((object) => rangesOf(object).some(fits))

export const overlapping = (cached: Cached, range: Cidr): ServiceCIDR[] => having(cached, (other) => other.family === range.family && overlap(other, range))
export const containing = (cached: Cached, range: Cidr): ServiceCIDR[] => having(cached, (other) => other.family === range.family && containsCidr(other, range))

/** The ServiceCIDRs that an address is of. */
export function withAddress(cached: Cached, address: string): ServiceCIDR[] {
  const ip = parseIp(address)
  return ip ? having(cached, (range) => contains(range, ip)) : []
}
