import { containsCidr, contains, firstOf, formatCidr, lastOf, parseCidr, subnetAt, subnetIndex } from '#base/cidr'
import type { Cidr } from '#base/cidr'

/** Which pieces of one range are taken. All pieces are of one size. */
export interface CidrSet {
  readonly range: Cidr
  /** Takes the next free piece; undefined where there is none. */
  allocate(): Cidr | undefined
  /** Takes every piece that a network touches, whether or not it was free. Throws outside of the range. */
  occupy(cidr: Cidr): void
  release(cidr: Cidr): void
  /** As `occupy`, for networks that only may lie in the range: the addresses of Services. */
  exclude(cidr: Cidr): void
}

/** More pieces than these would not fit into memory, nor into a cluster. */
const mostBits = 16

/** @param mask the prefix length of a piece: 24 gives nodes networks of 256 addresses */
export function createCidrSet(range: Cidr, mask: number): CidrSet {
  if (mask < range.prefix) throw new Error(`node-cidr-mask-size: ${mask} is shorter than the prefix of the cluster CIDR ${formatCidr(range)}`)
  if (mask - range.prefix > mostBits)
    throw new Error(`node-cidr-mask-size: ${mask} cuts the cluster CIDR ${formatCidr(range)} into more than ${2 ** mostBits} pieces: ask for larger ones`)
  const count = 2 ** (mask - range.prefix)
  const taken = new Uint8Array(count)
  let free = count
  let next = 0

  const mark = (cidr: Cidr, as: 0 | 1): void => {
    const inside = containsCidr(range, cidr)
    if (!inside && !containsCidr(cidr, range)) throw new Error(`cidr ${formatCidr(cidr)} is out the range of cluster cidr ${formatCidr(range)}`)
    const first = inside ? Number(subnetIndex(range, mask, firstOf(cidr))) : 0
    const last = inside ? Number(subnetIndex(range, mask, lastOf(cidr))) : count - 1
    for (let index = first; index <= last; index++) {
      if (taken[index] === as) continue
      taken[index] = as
      free += as === 1 ? -1 : 1
    }
  }

  return {
    range,
    allocate() {
      if (free === 0) return undefined
      while (taken[next] === 1) next = (next + 1) % count
      const found = subnetAt(range, mask, next)!
      taken[next] = 1
      free--
      // Goes around, so that what a node leaves behind is not used again at once.
      next = (next + 1) % count
      return found
    },
    occupy: (cidr) => mark(cidr, 1),
    release: (cidr) => mark(cidr, 0),
    exclude(cidr) {
      if (contains(range, firstOf(cidr)) || contains(cidr, firstOf(range))) mark(cidr, 1)
    },
  }
}

/** Reads `10.244.0.0/16`; throws, naming the option, for what is no network. */
export function readCidr(option: string, text: string): Cidr {
  const cidr = parseCidr(text)
  if (!cidr) throw new Error(`${option}: ${JSON.stringify(text)} is not a CIDR such as 10.244.0.0/16`)
  return cidr
}
