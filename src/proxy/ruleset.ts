import { createHash } from 'node:crypto'
import type { Endpoint, Family, ServicePort } from './service-ports'

/** The content of an nft table: chains with their rules, maps and sets with their elements. */
export interface Ruleset {
  readonly family: 'ip' | 'ip6'
  readonly chains: ReadonlyMap<string, Chain>
  /** Verdict maps: declaration and elements. */
  readonly maps: ReadonlyMap<string, { declaration: string; elements: ReadonlyMap<string, string> }>
  /** Sets that the kernel fills (client affinity): declaration only. */
  readonly sets: ReadonlyMap<string, string>
}
/** `hook` makes it a base chain: `type nat hook prerouting priority -100`. */
export interface Chain {
  readonly hook?: string
  readonly rules: readonly string[]
}

export interface RulesetOptions {
  family: Family
  /** Sources inside the cluster: their packets to a Service keep their source. */
  clusterCIDR: string | undefined
  /** Node ports answer on these addresses of the node; undefined: all, loopback among them where the kernel can do that (IPv4). */
  nodePortAddresses?: readonly string[]
}

/** Marks packets whose source must become the node's, so that answers come back through it. */
const masqueradeMark = '0x4000'

/** Everything the proxy does, as an nft table: Service -> one chain, endpoint -> one chain, found by maps. */
export function rulesetOf(ports: readonly ServicePort[], { family, clusterCIDR, nodePortAddresses }: RulesetOptions): Ruleset {
  const ip = family === 'IPv4' ? 'ip' : 'ip6'
  const chains = new Map<string, Chain>(baseChains(ip, nodePortAddresses))
  const services = new Map<string, string>()
  const nodePorts = new Map<string, string>()
  const refused = new Map<string, string>()
  const refusedNodePorts = new Map<string, string>()
  const sets = new Map<string, string>()
  const clusterIPs = new Map<string, string>()

  for (const port of ports) {
    const [internal, external] = [`svc-${hash(port.id, port.protocol)}`, `ext-${hash(port.id, port.protocol)}`]
    const key = (address: string): string => `${address} . ${port.protocol} . ${port.port}`
    const nodePortKey = port.nodePort === undefined ? undefined : `${port.protocol} . ${port.nodePort}`
    const endpointChain = (endpoint: Endpoint): string => `ep-${hash(port.id, port.protocol, endpoint.ip, String(endpoint.port))}`
    for (const endpoint of new Set([...port.internal, ...port.external])) {
      const chain = endpointChain(endpoint)
      if (port.affinitySeconds !== undefined) sets.set(`aff-${chain.slice(3)}`, `type ${ip === 'ip' ? 'ipv4_addr' : 'ipv6_addr'}; flags dynamic,timeout; timeout ${port.affinitySeconds}s;`)
      chains.set(chain, { rules: endpointRules(endpoint, chain, port, ip) })
    }
    const reject = 'goto reject-all'
    for (const address of port.clusterIPs) clusterIPs.set(address, reject)
    if (port.internal.length === 0) for (const address of port.clusterIPs) refused.set(key(address), port.anywhere ? 'drop' : reject)
    else {
      for (const address of port.clusterIPs) services.set(key(address), `goto ${internal}`)
      // Packets to a Service that do not come from a pod would otherwise be answered past the node.
      const fromOutside = clusterCIDR ? [`${ip} daddr { ${port.clusterIPs.join(', ')} } ${ip} saddr != ${clusterCIDR} jump mark-for-masquerade`] : []
      chains.set(internal, { rules: [...fromOutside, ...balance(port.internal, endpointChain, port, ip)] })
    }
    if (port.externalIPs.length === 0 && nodePortKey === undefined) continue
    if (port.external.length === 0) {
      for (const address of port.externalIPs) refused.set(key(address), port.anywhere ? 'drop' : reject)
      if (nodePortKey) refusedNodePorts.set(nodePortKey, port.anywhere ? 'drop' : reject)
    } else {
      for (const address of port.externalIPs) services.set(key(address), `goto ${external}`)
      if (nodePortKey) nodePorts.set(nodePortKey, `goto ${external}`)
    }
    if (port.external.length > 0) chains.set(external, { rules: externalRules(port, internal, endpointChain, clusterCIDR, ip) })
  }

  const address = ip === 'ip' ? 'ipv4_addr' : 'ipv6_addr'
  return {
    family: ip,
    chains,
    sets,
    maps: new Map([
      ['services', { declaration: `type ${address} . inet_proto . inet_service : verdict;`, elements: services }],
      ['node-ports', { declaration: 'type inet_proto . inet_service : verdict;', elements: nodePorts }],
      ['cluster-ips', { declaration: `type ${address} : verdict;`, elements: clusterIPs }],
      ['refused', { declaration: `type ${address} . inet_proto . inet_service : verdict;`, elements: refused }],
      ['refused-node-ports', { declaration: 'type inet_proto . inet_service : verdict;', elements: refusedNodePorts }],
    ]),
  }
}

function baseChains(ip: 'ip' | 'ip6', nodePortAddresses: readonly string[] | undefined): [string, Chain][] {
  const local = nodePortAddresses ? `${ip} daddr { ${nodePortAddresses.join(', ')} }` : ip === 'ip' ? 'fib daddr type local' : 'fib daddr type local ip6 daddr != ::1'
  const refuse = [
    `ct state new ${ip} daddr . meta l4proto . th dport vmap @refused`,
    `ct state new ${local} meta l4proto . th dport vmap @refused-node-ports`,
  ]
  const unused = [`ct state new ${ip} daddr vmap @cluster-ips`]
  return [
    ['prerouting', { hook: 'type nat hook prerouting priority -100; policy accept;', rules: ['jump to-services'] }],
    ['output', { hook: 'type nat hook output priority -100; policy accept;', rules: ['jump to-services'] }],
    ['postrouting', { hook: 'type nat hook postrouting priority 100; policy accept;', rules: [`meta mark & ${masqueradeMark} == 0 return`, `meta mark set meta mark xor ${masqueradeMark}`, 'masquerade fully-random'] }],
    // Node ports on loopback need route_localnet, which would let the network in there: only answers may come from it.
    ['filter-prerouting', { hook: 'type filter hook prerouting priority -110; policy accept;', rules: ip === 'ip' ? ['iifname != "lo" ip daddr 127.0.0.0/8 ct state new drop', ...refuse] : refuse }],
    ['filter-output', { hook: 'type filter hook output priority -110; policy accept;', rules: refuse }],
    // What still goes to a Service's own address by now asked for a port that it does not have: nobody else would say so.
    ['filter-forward', { hook: 'type filter hook forward priority -110; policy accept;', rules: unused }],
    ['filter-output-late', { hook: 'type filter hook output priority -90; policy accept;', rules: unused }],
    ['to-services', { rules: [`${ip} daddr . meta l4proto . th dport vmap @services`, `${local} meta l4proto . th dport vmap @node-ports`] }],
    ['mark-for-masquerade', { rules: [`meta mark set meta mark or ${masqueradeMark}`] }],
    ['reject-all', { rules: ['meta l4proto tcp reject with tcp reset', 'reject'] }],
  ]
}

function externalRules(port: ServicePort, internal: string, endpointChain: (endpoint: Endpoint) => string, clusterCIDR: string | undefined, ip: 'ip' | 'ip6'): string[] {
  const rules: string[] = []
  if (port.sourceRanges.length > 0) rules.push(`${ip} saddr != { ${port.sourceRanges.join(', ')} } drop`)
  if (!port.externalLocal) return [...rules, 'jump mark-for-masquerade', ...balance(port.external, endpointChain, port, ip)]
  // Pods and the node itself are not "outside": they get any endpoint.
  if (port.internal.length > 0) {
    if (clusterCIDR) rules.push(`${ip} saddr ${clusterCIDR} goto ${internal}`)
    rules.push('fib saddr type local jump mark-for-masquerade', `fib saddr type local goto ${internal}`)
  }
  return [...rules, ...balance(port.external, endpointChain, port, ip)]
}

function balance(endpoints: readonly Endpoint[], endpointChain: (endpoint: Endpoint) => string, port: ServicePort, ip: 'ip' | 'ip6'): string[] {
  const chains = endpoints.map(endpointChain)
  const stay = port.affinitySeconds === undefined ? [] : chains.map((chain) => `${ip} saddr @aff-${chain.slice(3)} goto ${chain}`)
  if (chains.length === 1) return [...stay, `goto ${chains[0]}`]
  return [...stay, `numgen random mod ${chains.length} vmap { ${chains.map((chain, i) => `${i} : goto ${chain}`).join(', ')} }`]
}

function endpointRules(endpoint: Endpoint, chain: string, port: ServicePort, ip: 'ip' | 'ip6'): string[] {
  const target = ip === 'ip' ? endpoint.ip : `[${endpoint.ip}]`
  return [
    // A pod that reaches itself through its Service must see the answer come back through the node.
    `${ip} saddr ${endpoint.ip} jump mark-for-masquerade`,
    ...(port.affinitySeconds === undefined ? [] : [`update @aff-${chain.slice(3)} { ${ip} saddr }`]),
    `meta l4proto ${port.protocol} dnat to ${target}:${endpoint.port}`,
  ]
}

/** Chain names are limited in length and characters, so they are hashes; comments are not needed to find a Service: its map entry is. */
const hash = (...parts: string[]): string => createHash('sha256').update(parts.join('|')).digest('hex').slice(0, 16)
