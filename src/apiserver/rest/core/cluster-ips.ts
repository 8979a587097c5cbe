import type { Service } from '#api/core/v1/types'
import type { IPAddress } from '#api/networking/v1/types'
import type { FieldErrors } from '#apimachinery/field-errors'
import { contains, firstOf, lastOf, parseCidr, sizeOf, type Cidr } from '#base/cidr'
import { addToIp, formatIp, parseIp } from '#base/ip'
import type { Delete, Put } from '#storage/store'
import { encodeStored } from '../../encoding/stored-form'
import { decode } from '../../registry/decode'
import { keyOfObject, cacheOf, type Registry } from '../../registry/registry'
import { startMetadata } from '../../registry/system-fields'
import type { WriteRequest } from '../../registry/write'

const group = 'networking.k8s.io'

/** The service ranges. An IPAddress object of the address's name says that it is taken. */
export class ClusterIps {
  readonly registry: () => Registry
  private readonly cidrs: readonly Cidr[]
  private readonly texts: readonly string[]

  constructor(registry: () => Registry, ranges: readonly string[]) {
    this.registry = registry
    this.texts = ranges
    this.cidrs = ranges.map((range) => {
      const cidr = parseCidr(range)
      if (!cidr) throw new TypeError(`service range ${JSON.stringify(range)} is no CIDR such as 10.96.0.0/16`)
      return cidr
    })
  }

  private async taken(ip: string): Promise<boolean> {
    const registry = this.registry()
    const cache = await cacheOf(registry, registry.kinds.find(group, 'v1', 'ipaddresses')!)
    return cache.get('', ip) !== undefined
  }

  /** A free address; undefined when the range is full. The lowest part is left to addresses that are asked for by name. */
  async pick(family: string): Promise<string | undefined> {
    const cidr = this.cidrs.find((one) => one.family === (family === 'IPv6' ? 6 : 4))
    if (!cidr) return undefined
    const size = Number(sizeOf(cidr) > 65536n ? 65536n : sizeOf(cidr))
    // Neither the network's own address nor, of IPv4, the broadcast address.
    const usable = size - (cidr.family === 4 ? 2 : 1)
    const reserved = Math.min(Math.max(16, Math.floor(size / 16)), 256)
    const upper = usable - reserved
    for (const [from, count] of upper > 0 ? [[1 + reserved, upper], [1, reserved]] as const : [[1, usable]] as const) {
      const start = Math.floor(Math.random() * count)
      for (let i = 0; i < count; i++) {
        const ip = formatIp(addToIp(firstOf(cidr), from + ((start + i) % count)))
        if (!(await this.taken(ip))) return ip
      }
    }
    return undefined
  }

  /** An address that was asked for; undefined, with the error told, when it cannot be given. */
  async check(ip: string, errors: FieldErrors, shown: readonly string[]): Promise<string | undefined> {
    const parsed = parseIp(ip)
    const cidr = parsed && this.cidrs.find((one) => one.family === parsed.family)
    if (!parsed || !cidr) return ip
    const inside = contains(cidr, parsed) && parsed.value !== cidr.base && !(cidr.family === 4 && parsed.value === lastOf(cidr).value)
    if (!inside) {
      errors.invalid(shown, `failed to allocate IP ${ip}: the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${this.texts[this.cidrs.indexOf(cidr)]}`)
      return undefined
    }
    if (await this.taken(ip)) {
      errors.invalid(shown, `failed to allocate IP ${ip}: provided IP is already allocated`)
      return undefined
    }
    return ip
  }

  release(ips: readonly string[]): Delete[] {
    return addressDeletes(this.registry(), ips)
  }
}

/** What takes addresses back. Those whose IPAddress is gone already need nothing. */
export function addressDeletes(registry: Registry, ips: readonly string[]): Delete[] {
  const kind = registry.kinds.find(group, 'v1', 'ipaddresses')
  const cache = kind && registry.cache.of(kind.resource)
  if (!kind || !cache || cache instanceof Promise) return []
  return ips.flatMap((ip) => {
    const entry = cache.get('', ip)
    return entry ? [{ key: keyOfObject(kind, '', ip), expect: entry.revision }] : []
  })
}

export async function addressPut(ips: ClusterIps, ip: string, family: string, service: Service, request: WriteRequest): Promise<Put> {
  const registry = ips.registry()
  const kind = registry.kinds.find(group, 'v1', 'ipaddresses')!
  const address = {
    apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress',
    metadata: { name: ip, labels: { 'ipaddress.kubernetes.io/ip-family': family, 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
    spec: { parentRef: { group: '', resource: 'services', namespace: request.namespace, name: service.metadata.name } },
  }
  const { object } = await decode(address, { ...request, kind })
  startMetadata(object, request)
  const bytes = encodeStored(object as IPAddress, undefined)
  registry.cache.remember(bytes, object)
  return { key: keyOfObject(kind, '', ip), value: bytes, expect: 'absent' }
}
