import { nodes as nodeResource } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Component } from '#component-base/component'
import { createFakeImageService } from '#kubelet/fake/image-service'
import type { FakeRules } from '#kubelet/fake/rules'
import { createFakeRuntimeService } from '#kubelet/fake/runtime-service'
import { createKubelet, silentRecorder } from '#kubelet/kubelet'
import { pretendedMachine } from '#kubelet/node/machine'
import { noHost } from '#kubelet/pod-host'
import { sharedPodSource } from '#kubelet/pod-source'
import { alwaysWell } from '#kubelet/prober/probe-runner'

export interface SimulatedNodesOptions {
  count: number
  /** Names are `${prefix}-0`, `${prefix}-1`, ... */
  prefix?: string
  /** What each node promises: by default 32 cores, 256 GiB, 110 pods. */
  capacity?: Readonly<Record<string, string>>
  maxPods?: number
  labels?: (index: number) => Readonly<Record<string, string>>
  rules?: FakeRules
}

export interface SimulatedNodesDeps {
  /** Acts as `system:node:<name>`. */
  clientFor(nodeName: string): Client
  /** One watch over pods and nodes for all kubelets. */
  informers: Informers
}

/**
 * Nodes that exist in words only: the kubelet's own pod life over a runtime without processes. Pods become Ready, run to
 * completion or until they are deleted, as `rules` say.
 */
export function createSimulatedNodes(options: SimulatedNodesOptions, { clientFor, informers }: SimulatedNodesDeps): Component {
  const { count, prefix = 'sim', capacity = { cpu: '32', memory: '256Gi', 'ephemeral-storage': '1Ti' }, maxPods = 110, labels = () => ({}), rules = {} } = options
  return {
    name: 'simulated-nodes',
    async start(context) {
      const disposables = createDisposables()
      const podSource = sharedPodSource(informers.get(pods))
      const kubelets = await Promise.all(
        Array.from({ length: count }, async (_, i) => {
          const nodeName = `${prefix}-${i}`
          const kubelet = createKubelet(
            { nodeName, nodeIps: [addressOf(i)], maxPods, labels: labels(i) },
            {
              client: clientFor(nodeName),
              runtime: createFakeRuntimeService({ clock: context.clock, rules, nextIp: addressesOf(i) }),
              images: createFakeImageService(rules),
              host: noHost,
              machine: pretendedMachine(nodeName, capacity),
              probes: alwaysWell,
              podSource: podSource(nodeName),
              // Five events a pod would be most of the load of a large simulation.
              ...(count > 50 ? { recorder: silentRecorder } : {}),
            },
          )
          return disposables.use(await kubelet.start(context))
        }),
      )
      await informers.get(nodeResource).synced
      return { ready: Promise.all(kubelets.map(({ ready }) => ready)).then(() => undefined), [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose]() }
    },
  }
}

/** 172.16.0.0/12: room for a million nodes, and nobody's pods. */
const addressOf = (i: number): string => `172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`

/** Pod addresses of a node: 256 out of 10.128.0.0/9, by turns. */
function addressesOf(i: number): () => string {
  let next = 0
  return () => {
    next = (next % 254) + 1
    return `10.${128 + (i >> 8)}.${i & 255}.${next}`
  }
}
