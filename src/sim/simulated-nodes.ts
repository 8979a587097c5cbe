import { nodes as nodeResource } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Component, RunningComponent } from '#component-base/component'
import type { FakeRules } from '#kubelet/fake/rules'
import { sharedPodSource } from '#kubelet/pod-source'
import { simulatedLives } from './simulated-lives'
import { type SimulatedNode, type SimulatedNodeOptions, startSimulatedNode } from './simulated-node'

export interface SimulatedNodesOptions extends Omit<SimulatedNodeOptions, 'name' | 'labels' | 'silent'> {
  count: number
  /** Names are `${prefix}-0`, `${prefix}-1`, ... */
  prefix?: string
  labels?: (index: number) => Readonly<Record<string, string>>
}

export interface SimulatedNodesDeps {
  /** Acts as `system:node:<name>`. */
  clientFor(nodeName: string): Client
  /** One watch over pods and nodes for all kubelets. */
  informers: Informers
}

export interface RunningSimulatedNodes extends RunningComponent {
  /** The nodes so far, by name. */
  readonly nodes: ReadonlyMap<string, SimulatedNode>
  /** One more; resolves when it is Ready. */
  add(options?: Partial<SimulatedNodeOptions>): Promise<SimulatedNode>
}

/**
 * Nodes that exist in words only: the kubelet's own pod life over a runtime without processes. Pods become Ready, run to
 * completion or until they are deleted, as `rules` say.
 */
export function createSimulatedNodes(options: SimulatedNodesOptions, { clientFor, informers }: SimulatedNodesDeps): Omit<Component, 'start'> & { start(...context: Parameters<Component['start']>): Promise<RunningSimulatedNodes> } {
  const { count, prefix = 'sim', labels, rules, ...each } = options
  return {
    name: 'simulated-nodes',
    async start(context) {
      const disposables = createDisposables()
      const podInformer = informers.get(pods)
      const podSource = sharedPodSource(podInformer)
      const lives = (given: FakeRules | undefined): FakeRules => simulatedLives(given, ({ namespace, name }) => podInformer.get(`${namespace}/${name}`))
      const defaults = { ...each, rules: lives(rules), silent: count > 50 }
      const nodes = new Map<string, SimulatedNode>()
      let next = 0
      const start = async (given: Partial<SimulatedNodeOptions> = {}): Promise<SimulatedNode> => {
        const i = next++
        const { name = `${prefix}-${i}`, ...rest } = given
        const more = rest.rules ? { ...rest, rules: lives(rest.rules) } : rest
        const node = disposables.use(
          await startSimulatedNode(
            { ...defaults, ...(labels ? { labels: labels(i) } : {}), ...more, name },
            { client: clientFor(name), podSource: podSource(name), address: addressOf(i), nextPodIp: addressesOf(i) },
            context,
          ),
        )
        nodes.set(name, node)
        return node
      }
      const first = await Promise.all(Array.from({ length: count }, () => start()))
      const nodeInformer = informers.get(nodeResource)
      await nodeInformer.synced
      disposables.use(nodeInformer.on((object) => object && nodes.get(object.metadata.name)?.observe(object)))
      return {
        ready: Promise.all(first.map(({ ready }) => ready)).then(() => undefined),
        nodes,
        async add(given) {
          const node = await start(given)
          await node.ready
          return node
        },
        [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose](),
      }
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
