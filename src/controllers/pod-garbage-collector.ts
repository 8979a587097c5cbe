import { isNotFound } from '#apimachinery/api-error'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Node, Pod } from '#api/core/v1/types'
import { isNodeReady } from '#component-helpers/node-status'
import { taintKeys } from '#component-helpers/taints'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import type { Controller, Outcome, ReconcileContext } from '#controller-runtime/controller'
import { byNode } from './pods/by-node'
import { disrupt } from './pods/disruption-target'
import type { Disruption } from './pods/disruption-target'
import { isTerminal } from '#component-helpers/pod-status'

export interface PodGarbageCollectorOptions {
  /** `--terminated-pod-gc-threshold`: so many pods that are over are kept; by default 12500, 0 keeps all. */
  terminatedPodGCThreshold?: number
}

/** Since when nodes are missing that pods were on. */
type State = Map<string, number>
type Context = ReconcileContext<State>

/** A node may be there before its pods' caches know, and come back under the same name. */
const quarantineMs = 40_000
/** Pods that are over are counted no more often than this. */
const countEveryMs = 20_000
/** No pod's key, since it has no slash. */
const countKey = 'terminated'

const isOutOfService = ({ spec }: Node): boolean => spec.taints?.some(({ key }) => key === taintKeys.outOfService) ?? false
const isGivenUp = (node: Node | undefined): boolean => node !== undefined && isOutOfService(node) && !isNodeReady(node)

/**
 * Deletes pods that no kubelet will delete: those of nodes that are gone or out of service, those that were never on a
 * node, and the oldest of those that are over where there are too many.
 */
export function podGarbageCollector({ terminatedPodGCThreshold = 12_500 }: PodGarbageCollectorOptions = {}): Controller {
  return defineController<State>({
    name: 'pod-garbage-collector-controller',
    serviceAccount: 'pod-garbage-collector',
    watches: [
      on(pods, undefined, {
        indexes: { ...byNode.indexes, terminated: (pod) => (isTerminal(pod) ? ['yes'] : []) },
        when: (pod, old) => pod !== undefined && (!!pod.metadata.deletionTimestamp || pod.spec.nodeName !== old?.spec.nodeName || (isTerminal(pod) && !(old && isTerminal(old)))),
      }),
      on(nodes, ({ metadata: { name } }, cached) => cached(pods).by('node', name).map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`), {
        when: (node, old) => !node || !old || isGivenUp(node) !== isGivenUp(old),
      }),
    ],
    writes: [pods, statusOf(pods)],

    setUp: () => new Map<string, number>(),

    async reconcile(key, context) {
      const { cached, enqueue } = context
      if (key === countKey) return deleteTerminated(context, terminatedPodGCThreshold)
      const pod = cached(pods).get(key)
      if (!pod) return
      if (isTerminal(pod) && terminatedPodGCThreshold > 0) enqueue(countKey, countEveryMs)
      const { nodeName } = pod.spec
      const isGoing = pod.metadata.deletionTimestamp !== undefined
      if (!nodeName) return isGoing ? remove(pod, context) : undefined
      const node = cached(nodes).get(nodeName)
      if (!node) return orphaned(pod, nodeName, context)
      context.state.delete(nodeName)
      if (isGoing && isGivenUp(node)) return remove(pod, context)
    },
  })
}

async function orphaned(pod: Pod, nodeName: string, context: Context): Promise<Outcome | undefined> {
  const { client, clock, state } = context
  const now = clock.now()
  if (!state.has(nodeName)) state.set(nodeName, now)
  const left = state.get(nodeName)! + quarantineMs - now
  if (left > 0) return { requeueAfter: left }
  try {
    await client.get(nodes, { name: nodeName })
    // The cache is behind: the node's arrival there will wake its pods.
    return undefined
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  await remove(pod, context, { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' })
  return undefined
}

async function deleteTerminated(context: Context, keep: number): Promise<void> {
  const over = context.cached(pods).by('terminated', 'yes')
  const excess = over.length - keep
  if (excess <= 0) return
  // What was evicted tells the least about what its owner did.
  const evictedFirst = (a: Pod, b: Pod): number => Number(b.status?.reason === 'Evicted') - Number(a.status?.reason === 'Evicted')
  const oldestFirst = (a: Pod, b: Pod): number => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp)
  const sorted = [...over].sort((a, b) => evictedFirst(a, b) || oldestFirst(a, b) || (a.metadata.name < b.metadata.name ? -1 : 1))
  await Promise.all(sorted.slice(0, excess).map((pod) => remove(pod, context)))
}

async function remove(pod: Pod, { client, clock, log }: Context, disruption: Disruption = {}): Promise<undefined> {
  log.info('deletes a pod by force', { namespace: pod.metadata.namespace, pod: pod.metadata.name })
  await disrupt(client, pod, isTerminal(pod) ? {} : { ...disruption, phase: 'Failed' }, clock.now(), 0)
  return undefined
}
