import { followClusterIp } from '#api/core/v1/service'
import type { Service } from '#api/core/v1/types'
import { invalid } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import type { Delete, Put } from '#storage/store'
import { objectOf } from '../../cache/entry'
import type { Registry } from '../../registry/registry'
import { cacheOf } from '../../registry/registry'
import { readSelection } from '../../registry/selection'
import type { WriteRequest } from '../../registry/write'
import type { Reservation, Rest, RestEndpoint } from '../rest'
import { addressDeletes, addressPut, ClusterIps } from './cluster-ips'
import { settleFamilies } from './ip-families'
import { nodePortDeletes, nodePortPut, NodePorts } from './node-ports'

export interface ServiceOptions {
  /** One CIDR for each family, the primary one first. */
  readonly ranges: readonly string[]
  readonly nodePorts: { readonly first: number; readonly last: number }
}

type Spec = Service['spec']
type Port = NonNullable<Spec['ports']>[number]

/** Addresses and node ports are given out in the write itself: the objects that mark them as taken are committed with the Service. */
export function serviceRest(registry: () => Registry, options: ServiceOptions, proxy: RestEndpoint): Rest<Service> {
  const ips = new ClusterIps(registry, options.ranges)
  const ports = new NodePorts(options.nodePorts)

  return {
    group: '', resource: 'services',
    async begin(service, old, request) {
      const errors = new FieldErrors()
      const before = structuredClone(service.spec)
      const changes: (Put | Delete)[] = []
      if (old) followClusterIp(service, old)
      else if (service.spec.clusterIP && !service.spec.clusterIPs?.length) service.spec.clusterIPs = [service.spec.clusterIP]
      carryOver(service.spec, old?.spec)
      if (!settleFamilies(service.spec, old?.spec, options.ranges, errors.at('spec'))) throw invalid({ kind: 'Service' }, service.metadata.name ?? '', errors.all)
      changes.push(...(await giveAddresses(ips, service, old, request, errors)))
      changes.push(...(await givePorts(registry(), ports, service, old, request, errors)))
      if (errors.any) throw invalid({ kind: 'Service' }, service.metadata.name ?? '', errors.all)
      const reservation: Reservation = { changes, rollback: () => void (service.spec = before) }
      return reservation
    },
    withDelete: async ({ spec }) => [...addressDeletes(registry(), spec.clusterIPs ?? []), ...(await nodePortDeletes(registry().store, nodePortsOf(spec)))],
    subresources: { proxy },
  }
}

const wantsAddress = (spec: Spec): boolean => spec.type !== 'ExternalName' && spec.clusterIP !== 'None'

/** An update that leaves out what was given out keeps it. */
function carryOver(spec: Spec, old: Spec | undefined): void {
  if (!old || !wantsAddress(spec)) return
  if (old.type !== 'ExternalName' && !spec.clusterIP && !spec.clusterIPs?.length) {
    if (old.clusterIP) spec.clusterIP = old.clusterIP
    if (old.clusterIPs) spec.clusterIPs = [...old.clusterIPs]
  }
  if (!hasNodePorts(spec) || !hasNodePorts(old)) return
  // By name alone: whatever else of a port changed. What another port has already stays with it.
  const kept = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort))
  for (const port of spec.ports ?? []) {
    const before = old.ports?.findLast((one) => (one.name ?? '') === (port.name ?? ''))?.nodePort
    if (!port.nodePort && before && !kept.has(before)) port.nodePort = before
  }
}

async function giveAddresses(ips: ClusterIps, service: Service, old: Service | undefined, request: WriteRequest, errors: FieldErrors): Promise<(Put | Delete)[]> {
  const { spec } = service
  const held = old && wantsAddress(old.spec) ? (old.spec.clusterIPs ?? []) : []
  if (spec.clusterIP === 'None') {
    spec.clusterIPs = ['None']
    return ips.release(held)
  }
  // What went with the old type is dropped before validation, which refuses what was given with the new.
  if (spec.type === 'ExternalName') return ips.release(held)
  if (!spec.clusterIPs?.length && spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
  const asked = (spec.clusterIPs ?? []).filter((ip) => ip !== 'None' && ip !== '')
  const wanted = spec.ipFamilies ?? ['IPv4']
  const changes: (Put | Delete)[] = []
  const final: string[] = []
  for (const [i, family] of wanted.entries()) {
    const given = asked[i]
    if (given !== undefined && held.includes(given)) {
      final.push(given)
      continue
    }
    const ip = given === undefined ? await ips.pick(family) : await ips.check(given, errors.at('spec', 'clusterIPs'), [...(spec.clusterIPs ?? [])])
    if (errors.any) return []
    if (ip === undefined) {
      errors.at('spec', 'clusterIPs').internal(`failed to allocate a serviceIP: range is full`)
      return []
    }
    final.push(ip)
    changes.push(await addressPut(ips, ip, family, service, request))
  }
  changes.push(...ips.release(held.filter((ip) => !final.includes(ip))))
  spec.clusterIPs = final
  spec.clusterIP = final[0]
  return changes
}

const hasNodePorts = (spec: Spec): boolean => spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)

function nodePortsOf(spec: Spec): number[] {
  const all = (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0)
  return [...new Set([...all, spec.healthCheckNodePort ?? 0])].filter((port) => port > 0)
}

const needsHealthCheckPort = (spec: Spec): boolean => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'

async function givePorts(registry: Registry, ports: NodePorts, { spec }: Service, old: Service | undefined, { dryRun }: WriteRequest, errors: FieldErrors): Promise<(Put | Delete)[]> {
  const held = new Set(old ? nodePortsOf(old.spec) : [])
  const asks = (spec.type === 'NodePort' || spec.type === 'LoadBalancer') && (hasNodePorts(spec) || nodePortsOf(spec).length > 0)
  const changes: (Put | Delete)[] = []
  const taken = asks || needsHealthCheckPort(spec) ? await portsInUse(registry) : new Set<number>()
  const mine = new Set<number>()
  const claim = (port: number): void => {
    if (!held.has(port) && !mine.has(port)) changes.push(nodePortPut(port))
    mine.add(port)
  }
  const pick = (): number => (dryRun ? ports.pretend(mine) : ports.pick(taken, mine, errors))
  if (asks) {
    for (const [i, port] of (spec.ports ?? []).entries()) {
      if (!port.nodePort) continue
      if (!held.has(port.nodePort) && !ports.contains(port.nodePort)) {
        errors.at('spec', 'ports', i, 'nodePort').invalid(port.nodePort, `provided port is not in the valid range. The range of valid ports is ${ports.text}`)
      } else if (!held.has(port.nodePort) && !mine.has(port.nodePort) && taken.has(port.nodePort)) {
        errors.at('spec', 'ports', i, 'nodePort').invalid(port.nodePort, 'provided port is already allocated')
      } else claim(port.nodePort)
    }
    if (hasNodePorts(spec)) for (const port of spec.ports ?? []) if (!port.nodePort) claim((port.nodePort = shared(spec.ports!, port) ?? pick()))
  }
  if (needsHealthCheckPort(spec)) {
    spec.healthCheckNodePort ||= old?.spec.healthCheckNodePort || pick()
    if (!held.has(spec.healthCheckNodePort) && taken.has(spec.healthCheckNodePort)) {
      errors.at('spec', 'healthCheckNodePort').invalid(spec.healthCheckNodePort, 'provided port is already allocated')
    } else claim(spec.healthCheckNodePort)
  }
  changes.push(...(await nodePortDeletes(registry.store, [...held].filter((port) => !mine.has(port)))))
  return changes
}

/** TCP and UDP on one port share their node port. */
function shared(all: readonly Port[], port: Port): number | undefined {
  return all.find((other) => other !== port && other.port === port.port && other.protocol !== port.protocol && other.nodePort)?.nodePort
}

async function portsInUse(registry: Registry): Promise<Set<number>> {
  const kind = registry.kinds.find('', 'v1', 'services')!
  const cache = await cacheOf(registry, kind)
  const used = new Set<number>()
  for (const entry of cache.select(readSelection(kind, '', '', ''))) for (const port of nodePortsOf((objectOf(kind.resource, entry) as Service).spec)) used.add(port)
  return used
}
