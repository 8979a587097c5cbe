import type { Node, Taint } from '#api/core/v1/types'
import type { Client } from '#client/client'
import type { ComponentContext } from '#component-base/component'
import { createFakeImageService } from '#kubelet/fake/image-service'
import type { FakeRules } from '#kubelet/fake/rules'
import { createFakeRuntimeService } from '#kubelet/fake/runtime-service'
import { createKubelet, type RunningKubelet, silentRecorder } from '#kubelet/kubelet'
import { pretendedMachine } from '#kubelet/node/machine'
import { noHost } from '#kubelet/pod-host'
import type { PodSource } from '#kubelet/pod-source'
import { alwaysWell } from '#kubelet/prober/probe-runner'
import type { RuntimeService } from '#kubelet/runtime-service'

export interface SimulatedNodeOptions {
  name: string
  /** What the node promises: by default 32 cores, 256 GiB. */
  capacity?: Readonly<Record<string, string>>
  maxPods?: number
  labels?: Readonly<Record<string, string>>
  taints?: readonly Taint[]
  rules?: FakeRules
  /** Events are most of the load of a large simulation. */
  silent?: boolean
}

export interface SimulatedNodeDeps {
  /** Acts as `system:node:<name>`. */
  client: Client
  podSource: PodSource
  address: string
  nextPodIp: () => string
}

/** A node that can lose its kubelet and get it back, as a machine whose power fails. */
export interface SimulatedNode extends AsyncDisposable {
  readonly name: string
  /** What runs on it, in words only. */
  readonly runtime: RuntimeService
  /** Its Node object is there and Ready. */
  readonly ready: Promise<void>
  /** Others changed the Node: labels and taints decide which pods it takes. */
  observe(node: Node): void
  /** No heartbeat any more; its containers stay as they are. */
  stop(): Promise<void>
  /** Comes back; containers that are still there are taken over. */
  start(): Promise<void>
}

const ample = { cpu: '32', memory: '256Gi', 'ephemeral-storage': '1Ti' }

/** The kubelet's own pod life over a runtime without processes. */
export async function startSimulatedNode(options: SimulatedNodeOptions, { client, podSource, address, nextPodIp }: SimulatedNodeDeps, context: ComponentContext): Promise<SimulatedNode> {
  const { name, capacity = ample, maxPods = 110, labels = {}, taints = [], rules = {}, silent = false } = options
  const runtime = createFakeRuntimeService({ clock: context.clock, rules, nextIp: nextPodIp })
  const kubelet = createKubelet(
    { nodeName: name, nodeIps: [address], maxPods, labels, taints },
    {
      client,
      runtime,
      images: createFakeImageService(rules),
      host: noHost,
      machine: pretendedMachine(name, capacity),
      probes: alwaysWell,
      podSource,
      ...(silent ? { recorder: silentRecorder } : {}),
    },
  )
  let running: RunningKubelet | undefined = await kubelet.start(context)
  const stop = async (): Promise<void> => {
    const stopping = running
    running = undefined
    await stopping?.[Symbol.asyncDispose]()
  }
  return {
    name,
    runtime,
    get ready() {
      return running?.ready ?? Promise.reject(new Error(`simulated node ${name} has been stopped`))
    },
    observe: (node) => running?.observeNode(node),
    stop,
    async start() {
      running ??= await kubelet.start(context)
      await running.ready
    },
    [Symbol.asyncDispose]: stop,
  }
}
