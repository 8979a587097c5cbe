import { isAlreadyExists, isNotFound } from '#apimachinery/api-error'
import type { Quantity } from '#apimachinery/meta/v1/scalars'
import { leases } from '#api/coordination/v1/lease'
import type { Lease } from '#api/coordination/v1/types'
import { nodes } from '#api/core/v1/node'
import type { Node, NodeStatus, Taint } from '#api/core/v1/types'
import { waitAfter } from '#base/backoff'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Client } from '#client/client'
import type { EventRecorder } from '#client/events'
import type { Log } from '#component-base/log'
import { formatMicroTime } from '#apimachinery/time'
import type { ImageService, RuntimeService, RuntimeVersion } from '../runtime-service'
import type { Machine, Pressure } from './machine'
import { kubeletLabels, nodeStatus, nodeStatusPatch, sameStatus } from './node-status'

export interface NodeManagerOptions {
  /** Lower case; the host's name by default. */
  nodeName: string
  hostname: string
  /** At least one; the first is the node's own, used for pods on the host's network. */
  nodeIps: readonly string[]
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
  taints: readonly Taint[]
  unschedulable: boolean
  providerId: string
  maxPods: number
  /** Of the kubelet's own server. */
  port: number
  /** Kept from pods: `{ cpu: '100m', memory: '200Mi' }`. */
  reserved: Readonly<Record<string, Quantity>>
  /** False: the Node is somebody else's to make; only its status is kept. */
  registerNode: boolean
  /** Seconds after which a node without a heartbeat counts as lost; renewed four times as often. */
  leaseDurationSeconds: number
  /** A status that did not change is written again after that time. */
  statusReportMs: number
}

export interface NodeManagerDeps {
  client: Client
  runtime: RuntimeService
  images: ImageService
  machine: Machine
  recorder: EventRecorder
  clock: Clock
  log: Log
  signal: AbortSignal
  /** What runs short, after what could be done about it was done. */
  pressure(): Promise<Pressure>
  /** Pods that waited for the network need wait no longer. */
  networkReady(): void
}

/** Registers the node, then keeps its lease and status fresh. */
export interface NodeManager {
  /** Settles when the Node is there with its first status. */
  readonly registered: Promise<void>
  /** The API's newest copy that is known here. */
  node(): Node | undefined
  observe(node: Node): void
  /** Why pods get no network now. */
  networkProblem(): string | undefined
  runtimeName(): string
  run(): Promise<void>
}

const namespace = 'kube-node-lease'

export function createNodeManager(options: NodeManagerOptions, deps: NodeManagerDeps): NodeManager {
  const { client, runtime, images, machine, recorder, clock, log, signal } = deps
  const { nodeName } = options
  let settle!: () => void
  const registered = new Promise<void>((resolve) => (settle = resolve))
  let current: Node | undefined
  let version: RuntimeVersion = { version: '', runtimeName: 'unknown', runtimeVersion: 'unknown', runtimeApiVersion: '' }
  let problem: string | undefined = 'container runtime status check may not have completed yet'
  let network: string | undefined = 'network plugin is not ready yet'
  let written = -Infinity
  let wasReady: boolean | undefined
  const self = { kind: 'Node', apiVersion: 'v1', name: nodeName, uid: nodeName }

  async function lookAtRuntime(): Promise<void> {
    try {
      if (version.version === '') version = await runtime.version()
      const { conditions } = await runtime.status()
      const down = conditions.filter((condition) => !condition.status && (condition.type === 'RuntimeReady' || condition.type === 'NetworkReady'))
      const words = ({ type, reason, message }: (typeof down)[number]): string => `${type}=false reason:${reason ?? ''} message:${message ?? ''}`
      const net = down.find((condition) => condition.type === 'NetworkReady')
      const had = network === undefined
      network = net && `container runtime network not ready: ${words(net)}`
      const runtimeDown = down.find((condition) => condition.type === 'RuntimeReady')
      if (!had && network === undefined) deps.networkReady()
      problem = runtimeDown ? `container runtime not ready: ${words(runtimeDown)}` : network
    } catch (error) {
      problem = `container runtime is down: ${messageOf(error)}`
    }
  }

  async function statusNow(): Promise<NodeStatus> {
    await lookAtRuntime()
    const [list, pressure] = await Promise.all([problem === undefined ? images.listImages() : [], deps.pressure()])
    return nodeStatus({ ...options, machine, runtime: version, images: list, pressure, problem, now: clock.now() }, current?.status)
  }

  async function register(): Promise<void> {
    const status = await statusNow()
    try {
      current = await client.get(nodes, { name: nodeName }, { signal })
    } catch (error) {
      if (!isNotFound(error) || !options.registerNode) throw error
    }
    const labels = { ...kubeletLabels({ hostname: options.hostname, machine }), ...options.labels }
    const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...options.annotations }
    if (!current) {
      const spec = { ...(options.taints.length > 0 ? { taints: [...options.taints] } : {}), ...(options.unschedulable ? { unschedulable: true } : {}), ...(options.providerId ? { providerID: options.providerId } : {}) }
      try {
        current = await client.create(nodes, { metadata: { name: nodeName, labels, annotations }, spec, status }, { signal })
        log.info('node registered', { node: nodeName })
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
        current = await client.get(nodes, { name: nodeName }, { signal })
      }
    }
    const missing = Object.fromEntries(Object.entries(labels).filter(([key, value]) => current!.metadata.labels?.[key] !== value))
    if (options.registerNode && Object.keys(missing).length > 0) current = await client.patch(nodes, { name: nodeName }, { metadata: { labels: missing } }, { type: 'merge', signal })
    await report(status)
  }

  async function report(status: NodeStatus): Promise<void> {
    current = await client.patch(nodes, { name: nodeName }, nodeStatusPatch(current!, status), { type: 'strategic', subresource: 'status', signal })
    written = clock.monotonic()
    const ready = problem === undefined
    if (wasReady !== undefined && ready !== wasReady) recorder.event(self, 'Normal', ready ? 'NodeReady' : 'NodeNotReady', `Node ${nodeName} status is now: ${ready ? 'NodeReady' : 'NodeNotReady'}`)
    wasReady = ready
  }

  let lease: Lease | undefined
  async function renew(): Promise<void> {
    const renewTime = formatMicroTime(clock.now())
    if (lease) {
      try {
        lease = await client.patch(leases, { namespace, name: nodeName }, { spec: { renewTime } }, { type: 'merge', signal })
        return
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
    const spec = { holderIdentity: nodeName, leaseDurationSeconds: options.leaseDurationSeconds, renewTime }
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: current!.metadata.uid ?? '' }
    try {
      lease = await client.create(leases, { metadata: { name: nodeName, namespace, ownerReferences: [owner] }, spec }, { signal })
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      lease = await client.patch(leases, { namespace, name: nodeName }, { metadata: { ownerReferences: [owner] }, spec }, { type: 'merge', signal })
    }
  }

  async function heartbeat(): Promise<void> {
    const status = await statusNow()
    if (!sameStatus(current!.status, status) || clock.monotonic() - written >= options.statusReportMs) await report(status)
    await renew()
  }

  return {
    registered,
    node: () => current,
    observe(node) {
      if (current && Number(node.metadata.resourceVersion) < Number(current.metadata.resourceVersion)) return
      current = node
    },
    networkProblem: () => network,
    runtimeName: () => version.runtimeName,
    async run() {
      const interval = (options.leaseDurationSeconds * 1000) / 4
      let failures = 0
      let there = false
      let looks = 0
      while (!signal.aborted) {
        try {
          if (there) await heartbeat()
          else {
            await register()
            await renew()
            there = true
            recorder.event(self, 'Normal', 'Starting', 'Starting kubelet.')
            settle()
          }
          failures = 0
        } catch (error) {
          if (signal.aborted) return
          // Deleted behind our back: the original stays away until it is started again, which helps nobody.
          if (there && isNotFound(error)) {
            there = false
            current = undefined
            lease = undefined
          }
          log.warn('node heartbeat failed, will try again', { node: nodeName, error })
          failures++
        }
        try {
          await clock.sleep(failures > 0 ? waitAfter(failures - 1, { initial: 200, max: 7000, jitter: 0.1 }) : problem === undefined ? interval : Math.min(interval, waitAfter(looks++, { initial: 50, max: 1000 })), signal)
        } catch (error) {
          if (!signal.aborted) throw error
        }
      }
    },
  }
}
