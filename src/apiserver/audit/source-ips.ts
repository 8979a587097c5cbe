import { isIP } from 'node:net'
import type { Exchange } from '../exchange'

const one = (value: string | string[] | undefined): string => (Array.isArray(value) ? value.join(',') : (value ?? ''))

/** Where a request comes from, farthest first: what proxies say, then who is connected. Headers are as true as whoever wrote them. */
export function sourceIps({ headers, remoteAddress, inProcess }: Pick<Exchange, 'headers' | 'remoteAddress' | 'inProcess'>): string[] {
  // The original's own clients come over loopback.
  if (inProcess) return ['::1']
  const found = one(headers['x-forwarded-for']).split(',').map((part) => part.trim()).filter((part) => isIP(part) !== 0)
  const real = one(headers['x-real-ip']).trim()
  if (isIP(real) !== 0 && !found.includes(real)) found.push(real)
  // A socket of both families shows IPv4 in IPv6.
  const remote = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress
  if (isIP(remote) !== 0 && found.at(-1) !== remote) found.push(remote)
  return found
}
