import type { NodeInfo } from './node-info'
import { isNarrowed, isRejection, maxNodeScore, type Plugin, type Rejection, skip } from './plugin'
import type { PodInfo } from './pod-info'
import type { Snapshot } from './snapshot'

/** What a scheduling cycle found out: a node, or why there is none. */
export type Verdict = { node: NodeInfo; feasible: number } | { node: undefined; message: string; plugins: ReadonlySet<string>; nominate?: string }

export interface ProfileOptions {
  plugins: readonly Plugin<any, any>[]
  /** 0 to 1: breaks ties between nodes of the same score. */
  random: () => number
  /** Percent of the nodes that must be feasible before the search ends; 0 adapts to the cluster's size. */
  percentageOfNodesToScore?: number
}

/** A list of plugins, and the scheduling cycle that asks them in the framework's order. */
export class Profile {
  readonly plugins: readonly Plugin<any, any>[]
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
    if (nodes.length === 0) return { node: undefined, message: 'no nodes available to schedule pods', plugins: new Set() }

    const prepared = this.preFilter(pod, snapshot)
    if (isRejection(prepared)) {
      const plugins = new Set([prepared.plugin])
      return { node: undefined, message: `0/${nodes.length} nodes are available: ${prepared.reasons.join(', ')}.`, plugins }
    }
    const rejections: (Rejection | undefined)[] = []
    const feasible = this.filter(pod, nodes, prepared, rejections)
    if (feasible.length === 0) return this.unschedulable(pod, snapshot, nodes, prepared.among, rejections)
    const node = feasible.length === 1 ? feasible[0]! : this.best(pod, feasible, snapshot)
    return { node, feasible: feasible.length }
  }

  private preFilter(pod: PodInfo, snapshot: Snapshot): Prepared | Rejection {
    const filters: Prepared['filters'] = []
    let among: ReadonlySet<string> | undefined
    for (const plugin of this.plugins) {
      const answer = plugin.preFilter ? plugin.preFilter(pod, snapshot) : undefined
      if (answer === skip) continue
      if (isRejection(answer)) return answer
      const narrowed = isNarrowed(answer)
      if (narrowed) among = among ? new Set([...among].filter((name) => answer.nodes.has(name))) : answer.nodes
      if (plugin.filter) filters.push({ plugin, state: narrowed ? answer.state : answer })
    }
    return { filters, among }
  }

  private filter(pod: PodInfo, nodes: readonly NodeInfo[], { filters, among }: Prepared, rejections: (Rejection | undefined)[]): NodeInfo[] {
    const enough = this.enough(nodes.length)
    const feasible: NodeInfo[] = []
    let tried = 0
    for (; tried < nodes.length && feasible.length < enough; tried++) {
      const at = (this.start + tried) % nodes.length
      const node = nodes[at]!
      if (among && !among.has(node.name)) continue
      let rejection: Rejection | undefined
      for (const { plugin, state } of filters) if ((rejection = plugin.filter!(state, node, pod))) break
      if (rejection) rejections[at] = rejection
      else feasible.push(node)
    }
    this.start = (this.start + tried) % nodes.length
    return feasible
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

  private unschedulable(pod: PodInfo, snapshot: Snapshot, nodes: readonly NodeInfo[], among: ReadonlySet<string> | undefined, rejections: (Rejection | undefined)[]): Verdict {
    const counts = new Map<string, number>()
    const plugins = new Set<string>()
    for (const [at, node] of nodes.entries()) {
      if (among && !among.has(node.name)) {
        count(counts, notAmong)
        continue
      }
      const rejection = rejections[at]
      if (!rejection) continue
      plugins.add(rejection.plugin)
      for (const reason of rejection.reasons) count(counts, reason)
    }
    if (among) plugins.add('NodeAffinity')
    let message = `0/${nodes.length} nodes are available:`
    const reasons = [...counts].map(([reason, n]) => `${n} ${reason}`).sort()
    if (reasons.length > 0) message += ` ${reasons.join(', ')}.`
    let nominate: string | undefined
    for (const plugin of this.plugins) {
      const made = plugin.postFilter?.(pod, snapshot, rejections)
      if (made?.message) message += ` ${made.message}`
      nominate ??= made?.nominate
    }
    return { node: undefined, message, plugins, ...(nominate ? { nominate } : {}) }
  }

  /** Enough nodes to choose from: half of a small cluster, 5% of a very large one, never fewer than 100. */
  private enough(all: number): number {
    if (all < 100) return all
    const percentage = this.options.percentageOfNodesToScore || Math.max(5, 50 - Math.trunc(all / 125))
    return Math.max(100, Math.trunc((all * percentage) / 100))
  }
}

interface Prepared {
  filters: { plugin: Plugin<any, any>; state: unknown }[]
  among: ReadonlySet<string> | undefined
}

/** The original's words for nodes that preFilter left out. */
const notAmong = "node(s) didn't satisfy plugin(s) [NodeAffinity]"

const count = (counts: Map<string, number>, reason: string): void => void counts.set(reason, (counts.get(reason) ?? 0) + 1)

/** Brings scores onto 0 to 100: the highest becomes 100; `reverse` turns high into low. In place. */
export function normalizeByMax(scores: Float64Array, reverse: boolean): void {
  let max = 0
  for (const score of scores) if (score > max) max = score
  for (let i = 0; i < scores.length; i++) {
    const scaled = max === 0 ? 0 : Math.trunc((maxNodeScore * scores[i]!) / max)
    scores[i] = reverse ? maxNodeScore - scaled : scaled
  }
}
