import { join } from 'node:path'
import { nodes as nodeResource } from '#api/core/v1/node'
import type { Node, Taint } from '#api/core/v1/types'
import { serviceaccounts } from '#api/core/v1/service-account'
import { createDisposables } from '#base/disposal'
import type { Informers } from '#client/informer'
import { type ClusterParts, startCluster as startWholeCluster } from '#cluster/cluster'
import { localVolumes } from '#cluster/local-volumes'
import { nodeUser } from '#cluster/identities'
import type { ClusterOptions } from '#cluster/options'
import { isNodeReady } from '#component-helpers/node-status'
import { type Log, silent } from '#component-base/log'
import type { Component } from '#component-base/component'
import { createSimulatedNodes, type RunningSimulatedNodes } from '#sim/simulated-nodes'
import type { SimulatedNode, SimulatedNodeOptions } from '#sim/simulated-node'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { createCredentials, type Credentials } from './credentials'
import { createMovingClock } from './moving-clock'
import { createSimulation, type SimulatedContainers, type SimulatedImages } from './simulated-images'
import { createTestClient, type TestClient } from './test-client'
import { createUntil, type Until, type UntilGone, type UntilList } from './until'

export interface TestClusterOptions extends Partial<Pick<ClusterOptions, 'controllers' | 'securePort' | 'serviceClusterIPRange' | 'authorizationMode' | 'enableAdmissionPlugins' | 'disableAdmissionPlugins' | 'featureGates'>> {
  /** Simulated nodes, called `node-0`, `node-1`, ...; 0 is a control plane alone. 1 unless said otherwise. */
  nodes?: number
  /** What each node promises: by default 32 cores, 256 GiB, 110 pods. */
  capacity?: Readonly<Record<string, string>>
  /** Keeps the objects on disk, for a cluster that is started again. Without it, everything is in memory. */
  dataDir?: string
  /** Silent unless given. */
  log?: Log
}

export interface NodeOptions {
  name?: string
  capacity?: Readonly<Record<string, string>>
  maxPods?: number
  labels?: Readonly<Record<string, string>>
  taints?: readonly Taint[]
}

export interface TestNodes {
  /** Adds a simulated node; resolves when it is Ready. */
  add(options?: NodeOptions): Promise<SimulatedNode>
  /** A node by name; `stop()` takes its kubelet away as a power failure does, `start()` brings it back. */
  get(name: string): SimulatedNode
}

export interface TestUser { name: string; groups?: readonly string[] }

/** A whole cluster inside a test. Its members can be taken out: `const { client, until } = cluster`. */
export interface TestCluster extends Credentials, AsyncDisposable {
  /** `https://127.0.0.1:<any free port>` */
  readonly url: string
  /** Acts as the administrator, in-process. */
  readonly client: TestClient
  readonly informers: Informers
  readonly until: Until
  readonly untilList: UntilList
  readonly untilGone: UntilGone
  readonly nodes: TestNodes
  readonly images: SimulatedImages
  readonly containers: SimulatedContainers
  /** Somebody else: `cluster.as({ name: 'jane', groups: ['dev'] })`. A name alone will do. */
  as(user: string | TestUser): Credentials & { readonly client: TestClient }
  /** Lets the cluster's time leap ahead; what falls due meanwhile happens in its order. */
  advance(ms: number): Promise<void>
}

/**
 * Starts a cluster in this process: API server on a free port, controllers, scheduler, simulated nodes. Resolves when the
 * nodes are Ready and pods can be made in `default`. Needs no root and leaves nothing behind when it is disposed of:
 * `await using cluster = await startCluster({ nodes: 3 })`.
 */
export async function startCluster({ nodes = 1, capacity, dataDir, log = silent, ...options }: TestClusterOptions = {}): Promise<TestCluster> {
  const clock = createMovingClock()
  const { images, containers, rules } = createSimulation()
  const disposables = createDisposables()
  let simulated: RunningSimulatedNodes
  const nodeComponents = ({ clientFor, controlPlane: { client: admin, informers } }: ClusterParts): readonly Component[] => {
    const component = createSimulatedNodes({ count: nodes, prefix: 'node', rules, ...(capacity ? { capacity } : {}) }, { clientFor: (name) => clientFor(nodeUser(name)), informers })
    return [{ name: component.name, start: async (context) => (simulated = await component.start(context)) }, localVolumes('simulated', { client: admin, informers })]
  }

  try {
    const whole = { securePort: 0, ...options, sim: 0, ...(dataDir ? { dataDir } : {}) }
    const store = disposables.use(dataDir ? await (await import('#storage/lmdb/open-lmdb-store')).openLmdbStore({ dir: join(dataDir, 'store'), clock, log }) : openMemoryStore({ clock }))
    const cluster = disposables.use(await startWholeCluster(whole, { log, clock, store, nodeComponents, ...(dataDir ? { pkiDirectory: join(dataDir, 'pki') } : {}) }))
    const credentials = disposables.use(createCredentials())
    const client = createTestClient(cluster.client)
    const { until, untilList, untilGone } = createUntil(client)
    const admin = credentials.of(() => cluster.kubeconfig())
    if (runs(options.controllers, 'serviceaccount-controller')) await until(serviceaccounts, 'default', function isThere() { return true })
    if (nodes > 0 && runs(options.controllers, 'node-lifecycle-controller')) await untilList(nodeResource, {}, function allTakePods(all) { return all.length >= nodes && all.every(takesPods) }, { timeoutMs: 60_000 })

    return {
      url: cluster.url,
      client,
      informers: cluster.informers,
      until,
      untilList,
      untilGone,
      images,
      containers,
      get kubeconfig() {
        return admin.kubeconfig
      },
      get kubeconfigFile() {
        return admin.kubeconfigFile
      },
      nodes: {
        async add(given: Partial<SimulatedNodeOptions> = {}) {
          const node = await simulated.add(given)
          if (runs(options.controllers, 'node-lifecycle-controller')) await until(nodeResource, node.name, takesPods)
          return node
        },
        get(name) {
          const node = simulated.nodes.get(name)
          if (!node) throw new Error(`there is no simulated node ${name}; there are: ${[...simulated.nodes.keys()].join(', ')}`)
          return node
        },
      },
      as(user) {
        const { name, groups = [] } = typeof user === 'string' ? { name: user } : user
        const info = { name, groups: [...new Set([...groups, 'system:authenticated'])] }
        return Object.assign(credentials.of(() => cluster.kubeconfig(info)), { client: createTestClient(cluster.clientFor(info)) })
      },
      advance: clock.advance,
      [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose](),
    }
  } catch (error) {
    await disposables[Symbol.asyncDispose]()
    throw error
  }
}

const runs = (controllers: readonly string[] = ['*'], name: string): boolean => !controllers.includes(`-${name}`) && (controllers.includes('*') || controllers.includes(name))

/** A node is born with a taint, which its controller takes away. */
const takesPods = (node: Node): boolean => isNodeReady(node) && !node.spec.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready')
