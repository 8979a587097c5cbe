import type { Node, Taint } from '#api/core/v1/types'
import type { HostPort } from '#component-helpers/host-ports'
import type { PodInfo } from './pod-info'
import { addResources, type ComputeResources, emptyResources, resourcesOf, subtractResources } from '#component-helpers/compute-resources'

/** A node with the pods that are on it or on their way there. Changed in place; `generation` says that it was. */
export class NodeInfo {
  readonly name: string
  node: Node
  allocatable: ComputeResources
  readonly requested: ComputeResources = emptyResources()
  readonly nonZero = { milliCpu: 0, memory: 0 }
  readonly pods = new Map<string, PodInfo>()
  /** `protocol/port` -> addresses in use. */
  readonly usedPorts = new Map<string, Map<string, number>>()
  /** Taints that keep pods off: NoSchedule and NoExecute. */
  hardTaints: readonly Taint[] = []
  softTaints: readonly Taint[] = []
  /** Image name -> bytes. */
  images: ReadonlyMap<string, number> = new Map()
  /** Kept beside the node: scoring reads them for thousands of nodes. */
  labels: Readonly<Record<string, string>> = {}
  hostname: string | undefined

  constructor(node: Node) {
    this.name = node.metadata.name
    this.node = node
    this.allocatable = emptyResources()
    this.update(node)
  }

  update(node: Node): void {
    this.node = node
    this.labels = node.metadata.labels ?? {}
    this.hostname = this.labels['kubernetes.io/hostname']
    this.allocatable = resourcesOf(node.status?.allocatable ?? {})
    const taints = node.spec.taints ?? []
    this.hardTaints = taints.filter((taint) => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute')
    this.softTaints = taints.filter((taint) => taint.effect === 'PreferNoSchedule')
    const images = new Map<string, number>()
    for (const image of node.status?.images ?? []) for (const name of image.names ?? []) images.set(name, image.sizeBytes ?? 0)
    this.images = images
  }

  add(pod: PodInfo): void {
    const before = this.pods.get(pod.key)
    if (before) this.remove(before)
    this.pods.set(pod.key, pod)
    addResources(this.requested, pod.requests)
    this.nonZero.milliCpu += pod.nonZero.milliCpu
    this.nonZero.memory += pod.nonZero.memory
    for (const port of pod.hostPorts) this.countPort(port, 1)
  }

  remove(pod: PodInfo): void {
    const there = this.pods.get(pod.key)
    if (!there) return
    this.pods.delete(pod.key)
    subtractResources(this.requested, there.requests)
    this.nonZero.milliCpu -= there.nonZero.milliCpu
    this.nonZero.memory -= there.nonZero.memory
    for (const port of there.hostPorts) this.countPort(port, -1)
  }

  /** 0.0.0.0 collides with every address of the port. */
  portInUse({ ip, protocol, port }: HostPort): boolean {
    const addresses = this.usedPorts.get(`${protocol}/${port}`)
    if (!addresses) return false
    return ip === '0.0.0.0' || addresses.has('0.0.0.0') || addresses.has(ip)
  }

  private countPort({ ip, protocol, port }: HostPort, by: 1 | -1): void {
    const key = `${protocol}/${port}`
    let addresses = this.usedPorts.get(key)
    if (!addresses) this.usedPorts.set(key, (addresses = new Map()))
    const count = (addresses.get(ip) ?? 0) + by
    if (count > 0) addresses.set(ip, count)
    else if (addresses.delete(ip) && addresses.size === 0) this.usedPorts.delete(key)
  }
}
