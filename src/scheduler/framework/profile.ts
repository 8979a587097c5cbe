import type { NodeInfo } from './node-info'
import { noFitMessage } from './no-fit'
import { isNarrowed, isRejection, maxNodeScore, type AnyPlugin, reject, type Rejection, skip } from './plugin'
import type { PodInfo } from './pod-info'
import type { Snapshot } from './snapshot'

/** What a scheduling cycle found out: a node, or why there is none. */
export type Verdict = { node: NodeInfo; feasible: number } | NoNode
export interface NoNode {
  node: undefined
  message: string
  /** Who rejected: only their hints wake the pod. */
  plugins: ReadonlySet<string>
  /** As `PostFiltered` says. */
  nominate?: string | undefined
  victims?: readonly PodInfo[] | undefined
}

export interface ProfileOptions {
  plugins: readonly AnyPlugin[]
  /** 0 to 1: breaks ties between nodes of the same score. */
  random: () => number
  /** Percent of the nodes that must be feasible before the search ends; 0 adapts to the cluster's size. */
  percentageOfNodesToScore?: number
}

/** A list of plugins, and the scheduling cycle that asks them in the framework's order. */
export class Profile {
  readonly plugins: readonly AnyPlugin[]
  private readonly options: ProfileOptions
  /** Where the last search ended, so that every node gets its turn. */
  private start = 0

  constructor(options: ProfileOptions) {
    this.options = options
    this.plugins = options.plugins
  }

  /** Finds the best node for a pod. Synchronous: nothing changes meanwhile. */
  schedule(pod: PodInfo, snapshot: Snapshot): Verdict {
    snapshot.refresh()
    const { nodes } = snapshot
    if (nodes.length === 0) return { node: undefined, message: 'no nodes available to schedule pods', plugins: new Set(), nominate: '' }

    const prepared = this.preFilter(pod, snapshot)
    if (isRejection(prepared)) {
      const message = `0/${nodes.length} nodes are available: ${prepared.reasons.join(', ')}.`
      return this.afterFilter(pod, snapshot, message, nodes.map(() => prepared), new Set([prepared.plugin]))
    }
    const promised = this.promised(pod, snapshot, prepared)
    if (promised) return { node: promised, feasible: 1 }
    const rejections: (Rejection | undefined)[] = []
    const feasible = this.filter(pod, snapshot, prepared, rejections)
    if (feasible.length === 0) return this.unschedulable(pod, snapshot, prepared, rejections)
    const node = feasible.length === 1 ? feasible[0]! : this.best(pod, feasible, snapshot)
    return { node, feasible: feasible.length }
  }

  private preFilter(pod: PodInfo, snapshot: Snapshot): Prepared | Rejection {
    const filters: Prepared['filters'] = []
    let among: ReadonlySet<string> | undefined
    const narrowing: string[] = []
    for (const plugin of this.plugins) {
      const answer = plugin.preFilter ? plugin.preFilter(pod, snapshot) : undefined
      if (answer === skip) continue
      if (isRejection(answer)) return answer
      const narrowed = isNarrowed(answer)
      if (narrowed) {
        among = among ? new Set([...among].filter((name) => answer.nodes.has(name))) : answer.nodes
        narrowing.push(plugin.name)
      }
      if (plugin.filter) filters.push({ plugin, state: narrowed ? answer.state : answer })
    }
    return { filters, among, narrowing }
  }

  /** The node that others left for the pod is tried first, and taken if it fits. */
  private promised(pod: PodInfo, snapshot: Snapshot, { among }: Prepared): NodeInfo | undefined {
    const name = snapshot.nominations.of(pod.key)
    const node = name === undefined || (among && !among.has(name)) ? undefined : snapshot.get(name)
    return node && !this.rejects(pod, node, snapshot) ? node : undefined
  }

  private filter(pod: PodInfo, snapshot: Snapshot, prepared: Prepared, rejections: (Rejection | undefined)[]): NodeInfo[] {
    const { nodes, nominations } = snapshot
    const { filters, among } = prepared
    const enough = this.enough(nodes.length)
    const feasible: NodeInfo[] = []
    let tried = 0
    for (; tried < nodes.length && feasible.length < enough; tried++) {
      const at = (this.start + tried) % nodes.length
      const node = nodes[at]!
      if (among && !among.has(node.name)) continue
      let rejection = nominations.on(node.name) ? this.rejects(pod, node, snapshot) : undefined
      if (!rejection) for (const { plugin, state } of filters) if ((rejection = plugin.filter!(state, node, pod))) break
      if (rejection) rejections[at] = rejection
      else feasible.push(node)
    }
    this.start = (this.start + tried) % nodes.length
    return feasible
  }

  /**
   * Why one node does not take the pod as the snapshot is now: with the pods of its or higher priority that wait for the node,
   * and without them too, since they may end up elsewhere (and be missed there, by affinity).
   */
  private rejects(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): Rejection | undefined {
    const before = [...(snapshot.nominations.on(node.name)?.values() ?? [])].filter((other) => other.priority >= pod.priority && other.key !== pod.key)
    if (before.length === 0) return this.rejectsAsIs(pod, node, snapshot)
    for (const other of before) snapshot.place(other, node.name)
    let rejection: Rejection | undefined
    try {
      rejection = this.rejectsAsIs(pod, node, snapshot)
    } finally {
      for (const other of before) snapshot.unplace(other.key)
    }
    return rejection ?? this.rejectsAsIs(pod, node, snapshot)
  }

  private rejectsAsIs(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): Rejection | undefined {
    const prepared = this.preFilter(pod, snapshot)
    if (isRejection(prepared)) return prepared
    if (prepared.among && !prepared.among.has(node.name)) return notAmong(prepared.narrowing)
    for (const { plugin, state } of prepared.filters) {
      const rejection = plugin.filter!(state, node, pod)
      if (rejection) return rejection
    }
    return undefined
  }

  private best(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): NodeInfo {
    const total = new Float64Array(nodes.length)
    const scores = new Float64Array(nodes.length)
    for (const plugin of this.plugins) {
      if (!plugin.score) continue
      const state = plugin.preScore ? plugin.preScore(pod, nodes, snapshot) : undefined
      if (state === skip) continue
      for (let i = 0; i < nodes.length; i++) scores[i] = plugin.score(state, nodes[i]!, pod)
      plugin.normalize?.(scores, state, nodes)
      const weight = plugin.weight ?? 1
      for (let i = 0; i < nodes.length; i++) total[i]! += weight * scores[i]!
    }
    let best = 0
    let ties = 1
    for (let i = 1; i < nodes.length; i++) {
      if (total[i]! > total[best]!) {
        best = i
        ties = 1
      } else if (total[i] === total[best] && this.options.random() < 1 / ++ties) best = i
    }
    return nodes[best]!
  }

  private unschedulable(pod: PodInfo, snapshot: Snapshot, { among, narrowing }: Prepared, rejections: (Rejection | undefined)[]): Verdict {
    const { nodes } = snapshot
    const plugins = new Set<string>(narrowing)
    if (among) for (const [at, { name }] of nodes.entries()) if (!among.has(name)) rejections[at] = notAmong(narrowing)
    for (const rejection of rejections) if (rejection) plugins.add(rejection.plugin)
    return this.afterFilter(pod, snapshot, noFitMessage(nodes.length, rejections), rejections, plugins)
  }

  /** What can be done about it: the first plugin that makes room ends the search. */
  private afterFilter(pod: PodInfo, snapshot: Snapshot, message: string, rejections: readonly (Rejection | undefined)[], plugins: Set<string>): NoNode {
    let text = message
    let nominate: string | undefined
    const failure = { rejections, fits: (node: NodeInfo) => this.rejects(pod, node, snapshot) }
    for (const plugin of this.plugins) {
      const made = plugin.postFilter?.(pod, snapshot, failure)
      if (!made) continue
      if (made.nominate) return { node: undefined, message, plugins, nominate: made.nominate, victims: made.victims }
      nominate ??= made.nominate
      if (made.message) text += ` ${made.message}`
    }
    return { node: undefined, message: text, plugins, nominate }
  }

  /** Enough nodes to choose from: half of a small cluster, 5% of a very large one, never fewer than 100. */
  private enough(all: number): number {
    if (all < 100) return all
    const percentage = this.options.percentageOfNodesToScore || Math.max(5, 50 - Math.trunc(all / 125))
    return Math.max(100, Math.trunc((all * percentage) / 100))
  }
}

interface Prepared {
  filters: { plugin: AnyPlugin; state: unknown }[]
  among: ReadonlySet<string> | undefined
  /** The plugins that left nodes out. */
  narrowing: readonly string[]
}

const leftOut = new Map<string, Rejection>()
/** The original's words for nodes that preFilter left out. */
function notAmong(narrowing: readonly string[]): Rejection {
  const names = [...narrowing].sort().join(' ')
  let rejection = leftOut.get(names)
  if (!rejection) leftOut.set(names, (rejection = reject(narrowing[0]!, `node(s) didn't satisfy plugin(s) [${names}]`, { resolvable: false })))
  return rejection
}

/** Brings scores onto 0 to 100: the highest becomes 100; `reverse` turns high into low. In place. */
export function normalizeByMax(scores: Float64Array, reverse: boolean): void {
  let max = 0
  for (const score of scores) if (score > max) max = score
  for (let i = 0; i < scores.length; i++) {
    const scaled = max === 0 ? 0 : Math.trunc((maxNodeScore * scores[i]!) / max)
    scores[i] = reverse ? maxNodeScore - scaled : scaled
  }
}
