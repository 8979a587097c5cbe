import type { Cidr } from '#base/cidr'
import { formatCidr, parseCidr } from '#base/cidr'
import { nodes } from '#api/core/v1/node'
import type { Node } from '#api/core/v1/types'
import { defineController, on } from '#controller-runtime/controller'
import type { Controller } from '#controller-runtime/controller'
import { createCidrSet, readCidr } from './cidr-set'
import type { CidrSet } from './cidr-set'

export interface NodeIpamOptions {
  /** `--cluster-cidr`: one range, or one of each family. */
  clusterCIDRs: readonly string[]
  /** `--service-cluster-ip-range`: left out of what nodes get. */
  serviceClusterIPRanges?: readonly string[]
  /** `--node-cidr-mask-size-ipv4`, by default 24. */
  nodeCIDRMaskSizeIPv4?: number
  /** `--node-cidr-mask-size-ipv6`, by default 64. */
  nodeCIDRMaskSizeIPv6?: number
}

interface State {
  readonly sets: readonly CidrSet[]
  /** What the nodes have, by name; kept until the node is gone, however late the cache shows it. */
  readonly given: Map<string, { uid: string; cidrs: readonly Cidr[] }>
}

/**
 * Gives every node a network of its own for its pods, one of each range of the cluster. Which are taken is known from the
 * nodes themselves: they are read before the first one is given away.
 */
export function nodeIpam({ clusterCIDRs, serviceClusterIPRanges = [], nodeCIDRMaskSizeIPv4 = 24, nodeCIDRMaskSizeIPv6 = 64 }: NodeIpamOptions): Controller {
  const ranges = clusterCIDRs.map((text) => readCidr('cluster-cidr', text))
  if (ranges.length === 0 || ranges.length > 2 || (ranges.length === 2 && ranges[0]!.family === ranges[1]!.family))
    throw new Error(`cluster-cidr: ${JSON.stringify(clusterCIDRs.join(','))} is neither one range nor one of each IP family`)
  const services = serviceClusterIPRanges.map((text) => readCidr('service-cluster-ip-range', text))
  const makeSets = (): CidrSet[] => ranges.map((range) => createCidrSet(range, range.family === 4 ? nodeCIDRMaskSizeIPv4 : nodeCIDRMaskSizeIPv6))
  // Refused when it is configured, not when a leader was elected.
  makeSets()

  return defineController<State>({
    name: 'node-ipam-controller',
    serviceAccount: 'node-controller',
    component: 'cidrAllocator',
    watches: [on(nodes)],
    writes: [nodes],

    setUp({ cached, log }) {
      const state: State = { sets: makeSets(), given: new Map() }
      for (const set of state.sets) for (const service of services) if (service.family === set.range.family) set.exclude(service)
      for (const node of cached(nodes).list()) {
        try {
          occupy(state, node)
        } catch (error) {
          log.error('a node has a network that is not of the cluster', { node: node.metadata.name, podCIDRs: node.spec.podCIDRs, error })
        }
      }
      return state
    },

    async reconcile(key, { cached, client, state, tell }) {
      const node = cached(nodes).get(key)
      const before = state.given.get(key)
      if (before && before.uid !== node?.metadata.uid) release(state, key, before.cidrs)
      if (!node || state.given.has(key)) return
      if (node.spec.podCIDRs?.length) return occupy(state, node)

      const cidrs: Cidr[] = []
      for (const set of state.sets) {
        const cidr = set.allocate()
        if (cidr) {
          cidrs.push(cidr)
          continue
        }
        release(state, key, cidrs)
        tell(nodes, node, 'Normal', 'CIDRNotAvailable', `Node ${key} status is now: CIDRNotAvailable`)
        throw new Error('failed to allocate cidr from cluster cidr at idx: CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range')
      }
      state.given.set(key, { uid: node.metadata.uid, cidrs })
      const podCIDRs = cidrs.map(formatCidr)
      try {
        await client.patch(nodes, { name: key }, { metadata: { uid: node.metadata.uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } }, { type: 'strategic' })
      } catch (error) {
        tell(nodes, node, 'Normal', 'CIDRAssignmentFailed', `Node ${key} status is now: CIDRAssignmentFailed`)
        release(state, key, cidrs)
        throw error
      }
    },
  })
}

/** A node that came with its networks. */
function occupy({ sets, given }: State, { metadata: { name, uid }, spec: { podCIDRs = [] } }: Node): void {
  const cidrs: Cidr[] = []
  for (const [index, text] of podCIDRs.entries()) {
    const cidr = parseCidr(text)
    const set = sets[index]
    if (!cidr) throw new Error(`failed to parse node ${name}, CIDR ${text}`)
    if (!set) throw new Error(`node ${name} has ${podCIDRs.length} networks where the cluster has ${sets.length} ranges`)
    set.occupy(cidr)
    cidrs.push(cidr)
  }
  if (cidrs.length > 0) given.set(name, { uid, cidrs })
}

function release({ sets, given }: State, name: string, cidrs: readonly Cidr[]): void {
  for (const [index, cidr] of cidrs.entries()) sets[index]!.release(cidr)
  given.delete(name)
}
