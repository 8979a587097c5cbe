import type { EndpointSlice } from '#api/discovery/v1/types'
import type { Service } from '#api/core/v1/types'

/** What the zone is made of, looked up by keys `namespace/name` and addresses. */
export interface ZoneSource {
  service(key: string): Service | undefined
  /** The slices of a Service. */
  slices(service: string): readonly EndpointSlice[]
  namespaceExists(name: string): boolean
  servicesByAddress(ip: string): readonly Service[]
  slicesByAddress(ip: string): readonly EndpointSlice[]
}

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'TXT' | 'SOA' | 'NS'
export type ZoneRecord =
  | { name: string; type: 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'NS'; data: string }
  | { name: string; type: 'SRV'; data: { port: number; target: string; priority: number; weight: number } }
  | { name: string; type: 'TXT'; data: string }

/** `absent`: there is no such name (NXDOMAIN). No records of a known name: it has none of that type. */
export type Lookup = 'absent' | { records: readonly ZoneRecord[]; additional?: readonly ZoneRecord[] }

const nothing: Lookup = { records: [] }

/**
 * The names of a cluster, as the Kubernetes DNS specification 1.1.0 has them. Pure: a question in, records out.
 *
 *   service.namespace.svc.ZONE                    its address; of a headless one, those of its endpoints
 *   endpoint.service.namespace.svc.ZONE           one endpoint of a headless Service, by host name or dashed address
 *   _port._protocol.service.namespace.svc.ZONE    SRV
 *   10-244-0-5.namespace.pod.ZONE                 the address that the name spells
 */
export class Zone {
  readonly name: string
  private readonly source: ZoneSource

  constructor(clusterDomain: string, source: ZoneSource) {
    this.name = clusterDomain.toLowerCase()
    this.source = source
  }

  contains(question: string): boolean {
    return question === this.name || question.endsWith(`.${this.name}`)
  }

  /** `question` in lower case, without its last dot. */
  lookup(question: string, type: RecordType): Lookup {
    if (question === this.name) return nothing
    const labels = question.slice(0, -(this.name.length + 1)).split('.').reverse()
    const [sort, namespace, service, ...rest] = labels
    if (sort === 'dns-version' && labels.length === 1) return { records: type === 'TXT' ? [{ name: question, type: 'TXT', data: '1.1.0' }] : [] }
    if (sort !== 'svc' && sort !== 'pod') return 'absent'
    if (namespace === undefined) return nothing
    if (sort === 'pod') return this.pod(question, namespace, labels.slice(2), type)
    if (service === undefined) return this.source.namespaceExists(namespace) ? nothing : 'absent'
    const found = this.source.service(`${namespace}/${service}`)
    return found ? this.service(question, found, rest, type) : 'absent'
  }

  /** Names of an address: Services by their cluster IP, endpoints of headless ones. */
  reverse(question: string): Lookup | undefined {
    const ip = addressOf(question)
    if (ip === undefined) return undefined
    const ptr = (data: string): ZoneRecord => ({ name: question, type: 'PTR', data })
    const services = this.source.servicesByAddress(ip)
    if (services.length > 0) return { records: services.map((service) => ptr(this.nameOf(service))) }
    const names = this.source.slicesByAddress(ip).flatMap((slice) => {
      const service = this.source.service(`${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name']}`)
      if (!service || !isHeadless(service)) return []
      return endpointsOf([slice], service).filter((endpoint) => endpoint.address === ip).map((endpoint) => ptr(`${endpoint.host}.${this.nameOf(service)}`))
    })
    return names.length > 0 ? { records: names } : undefined
  }

  private nameOf({ metadata }: Service): string {
    return `${metadata.name}.${metadata.namespace}.svc.${this.name}`
  }

  private pod(question: string, namespace: string, [dashed, ...more]: string[], type: RecordType): Lookup {
    if (!this.source.namespaceExists(namespace)) return 'absent'
    if (dashed === undefined) return nothing
    if (more.length > 0) return 'absent'
    const v4 = /^\d+-\d+-\d+-\d+$/.test(dashed)
    const ip = v4 ? dashed.replaceAll('-', '.') : dashed.replaceAll('-', ':')
    if (v4 ? !ip.split('.').every((part) => Number(part) < 256) : !/^[0-9a-f:]*:[0-9a-f:]*$/.test(ip)) return 'absent'
    return { records: type === (v4 ? 'A' : 'AAAA') ? [{ name: question, type, data: ip }] : [] }
  }

  private service(question: string, service: Service, rest: readonly string[], type: RecordType): Lookup {
    const { spec } = service
    if (spec.type === 'ExternalName') return rest.length > 0 ? 'absent' : { records: [{ name: question, type: 'CNAME', data: spec.externalName! }] }
    if (rest.length === 0) return { records: this.addresses(question, service, undefined, type), ...(type === 'SRV' ? this.srv(question, service, undefined, undefined) : {}) }
    if (rest.length === 1 && !rest[0]!.startsWith('_')) {
      if (!isHeadless(service)) return 'absent'
      const endpoints = endpointsOf(this.source.slices(keyOf(service)), service).filter(({ host }) => host === rest[0])
      return endpoints.length === 0 ? 'absent' : { records: this.addresses(question, service, rest[0], type) }
    }
    const [protocol, port] = rest
    if (rest.length !== 2 || !protocol!.startsWith('_') || !port!.startsWith('_')) return 'absent'
    const srv = this.srv(question, service, port!.slice(1), protocol!.slice(1))
    if (srv.records.length === 0) return 'absent'
    return type === 'SRV' ? srv : nothing
  }

  private addresses(question: string, service: Service, host: string | undefined, type: RecordType): ZoneRecord[] {
    if (type !== 'A' && type !== 'AAAA') return []
    const ofType = (ip: string): boolean => ip.includes(':') === (type === 'AAAA')
    const ips = isHeadless(service)
      ? endpointsOf(this.source.slices(keyOf(service)), service).filter((endpoint) => host === undefined || endpoint.host === host).map(({ address }) => address)
      : (service.spec.clusterIPs ?? [])
    return [...new Set(ips)].filter(ofType).map((data) => ({ name: question, type, data }))
  }

  private srv(question: string, service: Service, port: string | undefined, protocol: string | undefined): { records: ZoneRecord[]; additional: ZoneRecord[] } {
    const wanted = (name: string | undefined, of: string | undefined): boolean => (port === undefined || (name ?? '') === port) && (protocol === undefined || (of ?? 'TCP').toLowerCase() === protocol)
    const targets: { host: string; port: number; ip: string }[] = []
    if (isHeadless(service)) {
      for (const endpoint of endpointsOf(this.source.slices(keyOf(service)), service))
        for (const { name, protocol: of, port: number } of endpoint.ports)
          if (number !== undefined && wanted(name, of)) targets.push({ host: `${endpoint.host}.${this.nameOf(service)}`, port: number, ip: endpoint.address })
    } else
      for (const { name, protocol: of, port: number } of service.spec.ports ?? [])
        if (wanted(name, of)) for (const ip of service.spec.clusterIPs ?? []) targets.push({ host: this.nameOf(service), port: number, ip })
    const weight = targets.length === 0 ? 0 : Math.max(1, Math.trunc(100 / targets.length))
    const unique = new Map(targets.map((target) => [`${target.host}:${target.port}`, target]))
    return {
      records: [...unique.values()].map(({ host, port: number }) => ({ name: question, type: 'SRV', data: { port: number, target: host, priority: 0, weight } })),
      additional: targets.map(({ host, ip }) => ({ name: host, type: ip.includes(':') ? 'AAAA' : 'A', data: ip })),
    }
  }
}

const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None'
const keyOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`

/** Endpoints that take traffic, each with its name: the host name it was given, else its address with dashes. */
function endpointsOf(slices: readonly EndpointSlice[], service: Service): { address: string; host: string; ports: NonNullable<EndpointSlice['ports']> }[] {
  return slices
    .filter((slice) => slice.addressType !== 'FQDN')
    .flatMap((slice) =>
      (slice.endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false || service.spec.publishNotReadyAddresses)
        .flatMap(({ addresses, hostname }) => addresses.map((address) => ({ address, host: hostname ?? address.replaceAll(/[.:]/g, '-'), ports: slice.ports ?? [] }))),
    )
}

/** `5.0.244.10.in-addr.arpa` -> `10.244.0.5`; nibbles of `ip6.arpa` -> the address in its full form. */
export function addressOf(question: string): string | undefined {
  if (question.endsWith('.in-addr.arpa')) {
    const parts = question.slice(0, -'.in-addr.arpa'.length).split('.')
    return parts.length === 4 ? parts.reverse().join('.') : undefined
  }
  if (!question.endsWith('.ip6.arpa')) return undefined
  const nibbles = question.slice(0, -'.ip6.arpa'.length).split('.')
  return nibbles.length === 32 ? nibbles.reverse().join('').match(/.{4}/g)!.join(':') : undefined
}
