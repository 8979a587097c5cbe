import type { EndpointSlice } from '#api/discovery/v1/types'
import type { Service } from '#api/core/v1/types'

/** One port of one Service, with everything that decides where its packets go. */
export interface ServicePort {
  /** `namespace/name:port`, for comments and chain names. */
  readonly id: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly port: number
  /** The Service's addresses inside the cluster, of this family. */
  readonly clusterIPs: readonly string[]
  /** Addresses from outside that are routed to this node: external IPs and those of a load balancer. */
  readonly externalIPs: readonly string[]
  readonly nodePort: number | undefined
  /** Seconds that a client stays with its endpoint. */
  readonly affinitySeconds: number | undefined
  /** Where packets from inside the cluster go. */
  readonly internal: readonly Endpoint[]
  /** Where packets from outside go; with `externalTrafficPolicy: Local` those of this node only. */
  readonly external: readonly Endpoint[]
  /** Packets from outside keep their source address. */
  readonly externalLocal: boolean
  /** There are endpoints somewhere: without local ones, packets are dropped and not refused. */
  readonly anywhere: boolean
  /** Empty: everyone. */
  readonly sourceRanges: readonly string[]
  readonly healthCheckNodePort: number | undefined
}

export interface Endpoint {
  readonly ip: string
  readonly port: number
  readonly local: boolean
}

export type Family = 'IPv4' | 'IPv6'

/**
 * What the proxy has to do for a Service: its ports joined with the endpoints of its slices. Endpoints that are ready
 * take traffic; when none is, those that still serve while they terminate do.
 */
export function servicePortsOf(service: Service, slices: readonly EndpointSlice[], family: Family, nodeName: string): ServicePort[] {
  const { spec } = service
  const clusterIPs = (spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])).filter((ip) => ip !== 'None' && ip !== '' && familyOf(ip) === family)
  if (spec.type === 'ExternalName' || clusterIPs.length === 0) return []
  const externalIPs = [...(spec.externalIPs ?? []), ...(service.status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => ipMode !== 'Proxy').map(({ ip }) => ip)].filter(
    (ip): ip is string => ip !== undefined && familyOf(ip) === family,
  )
  const externalLocal = spec.externalTrafficPolicy === 'Local' && spec.type !== 'ClusterIP'
  const { sessionAffinity, sessionAffinityConfig } = spec

  return (spec.ports ?? []).map((port) => {
    const all = endpointsOf(slices, port.name ?? '', family, nodeName)
    const local = all.filter((endpoint) => endpoint.local)
    return {
      id: `${service.metadata.namespace}/${service.metadata.name}${port.name ? `:${port.name}` : ''}`,
      protocol: (port.protocol ?? 'TCP').toLowerCase() as ServicePort['protocol'],
      port: port.port,
      clusterIPs,
      externalIPs,
      nodePort: port.nodePort || undefined,
      affinitySeconds: sessionAffinity === 'ClientIP' ? (sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined,
      internal: available(spec.internalTrafficPolicy === 'Local' ? local : all),
      external: available(externalLocal ? local : all),
      externalLocal,
      anywhere: available(all).length > 0,
      sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter((range) => familyOf(range) === family),
      healthCheckNodePort: externalLocal ? spec.healthCheckNodePort || undefined : undefined,
    }
  })
}

type Candidate = Endpoint & { readonly ready: boolean; readonly serving: boolean }

function endpointsOf(slices: readonly EndpointSlice[], portName: string, family: Family, nodeName: string): Candidate[] {
  const found = new Map<string, Candidate>()
  for (const slice of slices) {
    if (slice.addressType !== family) continue
    const port = slice.ports?.find(({ name }) => (name ?? '') === portName)?.port
    if (port === undefined) continue
    for (const { addresses, conditions, nodeName: node } of slice.endpoints ?? []) {
      const ready = conditions?.ready !== false
      const serving = conditions?.serving ?? ready
      // Consumers use the first address only, by contract.
      const ip = addresses[0]
      if (ip !== undefined && (ready || serving)) found.set(`${ip}:${port}`, { ip, port, local: node === nodeName, ready, serving })
    }
  }
  return [...found.values()].sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port))
}

/** Ready ones, or, when there are none, those that serve on their way out. */
function available(candidates: readonly Candidate[]): Endpoint[] {
  const ready = candidates.filter((candidate) => candidate.ready)
  return ready.length > 0 ? ready : candidates.filter((candidate) => candidate.serving)
}

const familyOf = (ip: string): Family => (ip.includes(':') ? 'IPv6' : 'IPv4')
