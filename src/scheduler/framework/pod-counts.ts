import { matchesLabels, type Selector } from '#apimachinery/selectors/label-selector'
import type { NodeInfo } from './node-info'
import type { PodInfo } from './pod-info'

/**
 * How many pods of one namespace that a selector matches stand on each node. Spreading asks this for every pod of a
 * workload; counting anew each time would look at every pod of the cluster, so counts are kept while they are asked for.
 */
export class PodCounts {
  private readonly counters = new Map<string, Counter>()

  /** `text` names the selector: equal texts share a counter. `leaving`: pods on their way out count too. */
  of(namespace: string, text: string, selector: Selector, nodes: Iterable<NodeInfo>, leaving = false): ReadonlyMap<string, number> {
    const key = `${namespace}\n${leaving ? '+' : ''}${text}`
    let counter = this.counters.get(key)
    if (counter) {
      // The one asked for last stands last: the first is the one to forget.
      this.counters.delete(key)
      this.counters.set(key, counter)
      return counter.byNode
    }
    counter = { namespace, selector, leaving, byNode: new Map() }
    for (const node of nodes) for (const pod of node.pods.values()) if (counts(counter, pod)) change(counter, node.name, 1)
    this.counters.set(key, counter)
    if (this.counters.size > kept) this.counters.delete(this.counters.keys().next().value!)
    return counter.byNode
  }

  added(pod: PodInfo, node: string): void {
    for (const counter of this.counters.values()) if (counts(counter, pod)) change(counter, node, 1)
  }
  removed(pod: PodInfo, node: string): void {
    for (const counter of this.counters.values()) if (counts(counter, pod)) change(counter, node, -1)
  }
}

/** Counters that are kept: workloads that are scheduled at the same time. */
const kept = 32

interface Counter {
  readonly namespace: string
  readonly selector: Selector
  readonly leaving: boolean
  readonly byNode: Map<string, number>
}

const counts = ({ namespace, selector, leaving }: Counter, { pod }: PodInfo): boolean =>
  pod.metadata.namespace === namespace && (leaving || pod.metadata.deletionTimestamp === undefined) && matchesLabels(selector, pod.metadata.labels)

function change({ byNode }: Counter, node: string, by: number): void {
  const count = (byNode.get(node) ?? 0) + by
  if (count > 0) byNode.set(node, count)
  else byNode.delete(node)
}
