import type { Node } from '#api/core/v1/types'
import { NodeInfo } from './node-info'
import { Nominations } from './nominations'
import { PodCounts } from './pod-counts'
import type { PodInfo } from './pod-info'

/**
 * The cluster as the scheduler sees it, kept up to date change by change: nodes with their pods, those on the way
 * included. JavaScript runs one thing at a time, so a scheduling cycle reads it directly; nothing is copied.
 */
export class Snapshot {
  /** In the order in which nodes are tried: zones take turns, as the original's node tree does. */
  nodes: readonly NodeInfo[] = []
  private readonly byName = new Map<string, NodeInfo>()
  /** Pods on nodes that are not (or no longer) known wait here for their node. */
  private readonly homeless = new Map<string, Map<string, PodInfo>>()
  /** Where each pod counts, so that a pod that moves or vanishes is taken off the right node. */
  private readonly placed = new Map<string, { node: string; info: PodInfo }>()
  /** Nodes with taints that keep pods off, and with soft ones: plugins skip their work when there are none. */
  tainted = 0
  softTainted = 0
  /** Placed pods that ask for or against the company of others, with their nodes. */
  readonly affine = new Map<string, { info: PodInfo; node: NodeInfo }>()
  /** Pods per node that selectors match. */
  readonly counts = new PodCounts()
  /** By how many placed pods each claim is used. */
  readonly claims = new Map<string, number>()
  /** Pods that wait for a node which others are leaving. */
  readonly nominations = new Nominations()
  /** On how many nodes each image is. */
  readonly images = new Map<string, number>()
  private orderIsOld = false
  private readonly labelled = new Map<string, boolean>()

  get(name: string): NodeInfo | undefined {
    return this.byName.get(name)
  }

  get size(): number {
    return this.byName.size
  }

  /** Whether any node has a label: what is told by labels that none has need not be looked at node by node. */
  hasLabel(key: string): boolean {
    let found = this.labelled.get(key)
    if (found === undefined) {
      found = this.nodes.some(({ node }) => node.metadata.labels?.[key] !== undefined)
      this.labelled.set(key, found)
    }
    return found
  }

  setNode(node: Node): void {
    const name = node.metadata.name
    this.labelled.clear()
    const known = this.byName.get(name)
    if (known) {
      this.count(known, -1)
      if (zoneOf(known.node) !== zoneOf(node)) this.orderIsOld = true
      known.update(node)
      this.count(known, 1)
      return
    }
    const info = new NodeInfo(node)
    this.byName.set(name, info)
    this.count(info, 1)
    for (const pod of this.homeless.get(name)?.values() ?? []) this.put(pod, info)
    this.homeless.delete(name)
    this.orderIsOld = true
  }

  removeNode(name: string): void {
    const info = this.byName.get(name)
    if (!info) return
    this.labelled.clear()
    this.byName.delete(name)
    this.count(info, -1)
    if (info.pods.size > 0) this.homeless.set(name, new Map(info.pods))
    for (const pod of info.pods.values()) {
      this.counts.removed(pod, name)
      this.affine.delete(pod.key)
      this.unclaim(pod)
    }
    this.orderIsOld = true
  }

  /** Counts a pod on a node, whatever it counted on before. */
  place(info: PodInfo, node: string): void {
    const before = this.placed.get(info.key)
    if (before) this.take(before.info, before.node)
    this.placed.set(info.key, { node, info })
    const target = this.byName.get(node)
    if (target) return this.put(info, target)
    let waiting = this.homeless.get(node)
    if (!waiting) this.homeless.set(node, (waiting = new Map()))
    waiting.set(info.key, info)
  }

  /** The node the pod counts on; undefined when it does not. */
  placeOf(key: string): string | undefined {
    return this.placed.get(key)?.node
  }

  unplace(key: string): void {
    const before = this.placed.get(key)
    if (!before) return
    this.placed.delete(key)
    this.take(before.info, before.node)
  }

  /** Call before a scheduling cycle: brings `nodes` into order after nodes came or went. */
  refresh(): void {
    if (!this.orderIsOld) return
    this.orderIsOld = false
    const zones = new Map<string, NodeInfo[]>()
    for (const info of this.byName.values()) {
      const zone = zoneOf(info.node)
      const list = zones.get(zone)
      if (list) list.push(info)
      else zones.set(zone, [info])
    }
    const lists = [...zones.values()]
    const ordered: NodeInfo[] = []
    for (let i = 0; ordered.length < this.byName.size; i++) for (const list of lists) if (i < list.length) ordered.push(list[i]!)
    this.nodes = ordered
  }

  private put(info: PodInfo, node: NodeInfo): void {
    node.add(info)
    const { affinity } = info.pod.spec
    if (affinity?.podAffinity || affinity?.podAntiAffinity) this.affine.set(info.key, { info, node })
    this.counts.added(info, node.name)
    for (const claim of info.claims) this.claims.set(claim, (this.claims.get(claim) ?? 0) + 1)
  }

  private take(info: PodInfo, node: string): void {
    const target = this.byName.get(node)
    if (target) {
      target.remove(info)
      this.affine.delete(info.key)
      this.counts.removed(info, node)
      this.unclaim(info)
      return
    }
    const waiting = this.homeless.get(node)
    if (waiting?.delete(info.key) && waiting.size === 0) this.homeless.delete(node)
  }

  private unclaim({ claims }: PodInfo): void {
    for (const claim of claims) {
      const users = this.claims.get(claim)! - 1
      if (users > 0) this.claims.set(claim, users)
      else this.claims.delete(claim)
    }
  }

  private count(info: NodeInfo, by: 1 | -1): void {
    if (info.hardTaints.length > 0) this.tainted += by
    if (info.softTaints.length > 0) this.softTainted += by
    for (const image of info.images.keys()) {
      const nodes = (this.images.get(image) ?? 0) + by
      if (nodes > 0) this.images.set(image, nodes)
      else this.images.delete(image)
    }
  }
}

const zoneOf = ({ metadata: { labels } }: Node): string =>
  labels ? `${labels['topology.kubernetes.io/region'] ?? ''}:${labels['topology.kubernetes.io/zone'] ?? ''}` : ':'
