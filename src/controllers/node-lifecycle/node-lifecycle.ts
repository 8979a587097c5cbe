import { isNotFound } from '#apimachinery/api-error'
import { leases } from '#api/coordination/v1/lease'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Node, Pod } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import { isNodeReady, nodeCondition } from '#component-helpers/node-status'
import { zoneKey } from '#component-helpers/topology'
import { defineController, on, reading, statusOf } from '#controller-runtime/controller'
import type { Controller, ReconcileContext } from '#controller-runtime/controller'
import { updateStatus } from '#controller-runtime/update-status'
import { byNode } from '../pods/by-node'
import { isPodReady } from '#component-helpers/pod-status'
import { createHeartbeats, silentConditions } from './heartbeats'
import type { Heartbeats } from './heartbeats'
import { evictingKey, isEvicting, taintsOf } from './node-taints'
import { createZones } from './zones'
import type { ZoneRates, Zones } from './zones'

export interface NodeLifecycleOptions extends Partial<ZoneRates> {
  /** `--node-monitor-grace-period`, by default 50: how long a node may be silent. */
  nodeMonitorGracePeriodSeconds?: number
  /** `--node-startup-grace-period`, by default 60: how long it may take until it says anything. */
  nodeStartupGracePeriodSeconds?: number
}

interface State extends Disposable {
  readonly heartbeats: Heartbeats
  readonly zones: Zones
  readonly known: Map<string, Node>
  /** Whose pods could not be marked yet. */
  readonly unmarked: Set<string>
}
type Context = ReconcileContext<State>

const excludedLabel = 'node.kubernetes.io/exclude-disruption'
/** Old names that some programs still ask for. */
const oldLabels = [['kubernetes.io/os', 'beta.kubernetes.io/os'], ['kubernetes.io/arch', 'beta.kubernetes.io/arch']] as const

/**
 * Finds out which nodes no longer answer, by their leases and status, and says so in their conditions; taints nodes as
 * their conditions say, so that the scheduler avoids them (at once) and their pods leave them (a few nodes at a time, and
 * none while no node at all answers, since then we are the ones who are cut off).
 */
export function nodeLifecycle(options: NodeLifecycleOptions = {}): Controller {
  const grace = (options.nodeMonitorGracePeriodSeconds ?? 50) * 1000
  const startupGrace = (options.nodeStartupGracePeriodSeconds ?? 60) * 1000
  const { evictionRate = 0.1, secondaryEvictionRate = 0.01, largeClusterSizeThreshold = 50, unhealthyZoneThreshold = 0.55 } = options

  return defineController<State>({
    name: 'node-lifecycle-controller',
    serviceAccount: 'node-controller',
    component: 'node-controller',
    watches: [
      on(nodes),
      // A pod that was put onto a node that is no longer there. Its key has a slash, a node's has none.
      on(pods, ({ metadata }) => [`${metadata.namespace}/${metadata.name}`], { ...byNode, when: (pod, old) => !!pod?.spec.nodeName && pod.spec.nodeName !== old?.spec.nodeName }),
      reading(leases),
    ],
    writes: [nodes, statusOf(nodes), statusOf(pods)],
    workers: 8,

    setUp({ cached, clock }) {
      const heartbeats = createHeartbeats(cached, clock)
      const zones = createZones({ evictionRate, secondaryEvictionRate, largeClusterSizeThreshold, unhealthyZoneThreshold }, clock)
      // All are counted before the first is judged.
      for (const node of cached(nodes).list()) countIn(zones, node)
      return { heartbeats, zones, known: new Map(), unmarked: new Set(), [Symbol.dispose]: () => heartbeats[Symbol.dispose]() }
    },

    async reconcile(key, context) {
      const { cached, client, clock, state, tell } = context
      if (key.includes('/')) return markNewPod(key, context)
      const node = cached(nodes).get(key)
      noteComingAndGoing(key, node, context)
      if (!node) return

      const now = clock.now()
      const silentFrom = state.heartbeats.heard(node) + (nodeCondition(node, 'Ready') ? grace : startupGrace)
      const silent = now > silentFrom
      let current = node
      if (silent && nodeCondition(node, 'Ready')?.status !== 'Unknown')
        current = await updateStatus(client, nodes, node, { ...node.status, conditions: silentConditions(node, formatTime(now)) })
      recount(current, context)

      const wait = await setTaints(current, context)
      if (isNodeReady(node) && !isNodeReady(current)) {
        tell(nodes, node, 'Normal', 'NodeNotReady', `Node ${key} status is now: NodeNotReady`)
        state.unmarked.add(key)
      } else if (isNodeReady(current)) state.unmarked.delete(key)
      if (state.unmarked.has(key)) {
        await Promise.all(cached(pods).by('node', key).map((pod) => markNotReady(pod, context)))
        state.unmarked.delete(key)
      }
      if (silent) return wait === undefined ? undefined : { requeueAfter: wait }
      return { requeueAfter: Math.min(wait ?? Infinity, silentFrom - now + 1) }
    },
  })
}

function noteComingAndGoing(key: string, node: Node | undefined, { state, tell, enqueue }: Context): void {
  const before = state.known.get(key)
  if (before && before.metadata.uid !== node?.metadata.uid) {
    tell(nodes, before, 'Normal', 'RemovingNode', `Node ${key} event: Removing Node ${key} from Controller`)
    state.known.delete(key)
    state.heartbeats.forget(key)
    state.unmarked.delete(key)
    if (state.zones.delete(key)) for (const name of state.known.keys()) enqueue(name)
  }
  if (!node) return
  if (!state.known.has(key)) tell(nodes, node, 'Normal', 'RegisteredNode', `Node ${key} event: Registered Node ${key} in Controller`)
  state.known.set(key, node)
}

const countIn = (zones: Zones, node: Node): boolean => zones.set(node.metadata.name, zoneKey(node), isNodeReady(node), node.metadata.labels?.[excludedLabel] === undefined)

function recount(node: Node, { state, enqueue, log }: Context): void {
  const wasCutOff = state.zones.cutOff
  if (!countIn(state.zones, node)) return
  if (wasCutOff !== state.zones.cutOff) {
    log.info(wasCutOff ? 'some nodes are ready again' : 'no node is ready any more: pods are left where they are')
    if (wasCutOff) state.heartbeats.pardonAll()
  }
  for (const name of state.known.keys()) enqueue(name)
}

/** Returns after how many milliseconds to try again to drive the pods away. */
async function setTaints(node: Node, { client, clock, state }: Context): Promise<number | undefined> {
  const { name, resourceVersion, labels } = node.metadata
  const key = evictingKey(node)
  let evict = state.zones.cutOff ? undefined : key
  let wait: number | undefined
  if (evict && !isEvicting(node)) {
    wait = state.zones.take(zoneKey(node))
    if (wait !== 0) evict = undefined
  }
  const taints = taintsOf(node, evict, formatTime(clock.now()))
  const missing = oldLabels.filter(([label, old]) => labels?.[label] !== undefined && labels[label] !== labels[old])
  const renamed = missing.length > 0 ? { labels: Object.fromEntries(missing.map(([label, old]) => [old, labels![label]])) } : {}
  // Taints are one list: on another revision it could take away what somebody has added.
  if (taints || missing.length > 0) await client.patch(nodes, { name }, { metadata: { resourceVersion, ...renamed }, ...(taints ? { spec: { taints } } : {}) }, { type: 'merge' })
  return wait || undefined
}

async function markNewPod(key: string, context: Context): Promise<void> {
  const pod = context.cached(pods).get(key)
  const node = pod?.spec.nodeName ? context.cached(nodes).get(pod.spec.nodeName) : undefined
  if (pod && node && nodeCondition(node, 'Ready') && !isNodeReady(node)) await markNotReady(pod, context)
}

/** Nobody else says that a pod of a silent node is not ready; Services would go on sending to it. */
async function markNotReady(pod: Pod, { client, clock, tell }: Context): Promise<void> {
  if (!isPodReady(pod)) return
  const { namespace, name, uid } = pod.metadata
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: formatTime(clock.now()) }]
  try {
    await client.patch(pods, { namespace, name }, { metadata: { uid }, status: { conditions } }, { type: 'strategic', subresource: 'status' })
  } catch (error) {
    if (isNotFound(error)) return
    throw error
  }
  tell(pods, pod, 'Warning', 'NodeNotReady', 'Node is not ready')
}
