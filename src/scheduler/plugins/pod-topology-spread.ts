import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Pod, TopologySpreadConstraint } from '#api/core/v1/types'
import { matchesLabels, nothing, type Selector, selectorOfObject } from '#apimachinery/selectors/label-selector'
import { nodeMatchesPod } from '#component-helpers/node-affinity'
import { untolerated } from '#component-helpers/tolerations'
import type { NodeInfo } from '../framework/node-info'
import { definePlugin, maxNodeScore, on, reject, skip } from '../framework/plugin'
import type { Snapshot } from '../framework/snapshot'

const plugin = 'PodTopologySpread'
const uneven = reject(plugin, "node(s) didn't match pod topology spread constraints")
const unlabelled = reject(plugin, "node(s) didn't match pod topology spread constraints (missing required label)", { resolvable: false })
const hostnameLabel = 'kubernetes.io/hostname'

/** What pods of a workload are spread by when they do not say: `text` names the selector. */
export type DefaultSelector = (pod: Pod) => { text: string; selector: Selector } | undefined

/**
 * Spreads pods over zones, nodes or whatever a constraint names. `DoNotSchedule` keeps a pod off domains that have too
 * many already; `ScheduleAnyway`, and by default every workload, prefers domains that have few.
 */
export function podTopologySpread(defaultSelector: DefaultSelector) {
  return definePlugin<Hard[], Soft>({
    name: plugin,
    weight: 2,
    hints: [
      on(nodes, ({ object, old }) => (!object || !old || JSON.stringify(object.metadata.labels) !== JSON.stringify(old.metadata.labels) || JSON.stringify(object.spec.taints) !== JSON.stringify(old.spec.taints) ? 'queue' : 'skip')),
      on(pods, ({ object, old }, { pod }) => ((object ?? old)!.metadata.namespace === pod.metadata.namespace && placedDifferently(object, old) ? 'queue' : 'skip')),
    ],

    preFilter({ pod }, snapshot) {
      const constraints = pod.spec.topologySpreadConstraints?.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule') ?? []
      if (constraints.length === 0) return skip
      const compiled = constraints.map((constraint) => compile(constraint, pod))
      return compiled.map((constraint) => countDomains(constraint, compiled, pod, snapshot))
    },
    filter(constraints, { node }) {
      for (const { key, maxSkew, self, domains, least } of constraints) {
        const domain = node.metadata.labels?.[key]
        if (domain === undefined) return unlabelled
        if ((domains.get(domain) ?? 0) + self - least > maxSkew) return uneven
      }
      return undefined
    },

    preScore({ pod }, feasible, snapshot) {
      const own = pod.spec.topologySpreadConstraints
      const constraints = own?.length ? own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway').map((constraint) => compile(constraint, pod)) : defaults(pod, defaultSelector).filter(({ key }) => snapshot.hasLabel(key))
      if (constraints.length === 0) return skip
      // Without own constraints a cluster without zones is still spread by node.
      return weigh(constraints, Boolean(own?.length), pod, feasible, snapshot)
    },
    score({ constraints, ignored }, node) {
      if (ignored.has(node.name)) return ignoredScore
      let sum = 0
      for (const { key, maxSkew, weight, byNode, domains } of constraints) {
        const domain = key === hostnameLabel ? node.hostname : node.labels[key]
        if (domain === undefined) continue
        const count = (key === hostnameLabel ? byNode.get(node.name) : domains.get(domain)) ?? 0
        sum += count * weight + (maxSkew - 1)
      }
      return Math.round(sum)
    },
    normalize(scores) {
      let [least, most] = [Infinity, 0]
      for (const score of scores) {
        if (score === ignoredScore) continue
        least = Math.min(least, score)
        most = Math.max(most, score)
      }
      for (let i = 0; i < scores.length; i++)
        if (scores[i] === ignoredScore) scores[i] = 0
        else scores[i] = most === 0 ? maxNodeScore : Math.trunc((maxNodeScore * (most + least - scores[i]!)) / most)
    },
  })
}

interface Constraint {
  key: string
  maxSkew: number
  minDomains: number
  text: string
  selector: Selector
  honorAffinity: boolean
  honorTaints: boolean
}
/** With pods per domain, the least of them, and 1 when the pod itself counts. */
type Hard = Constraint & { domains: Map<string, number>; least: number; self: number }
type Soft = { constraints: (Constraint & { weight: number; byNode: ReadonlyMap<string, number>; domains: Map<string, number> })[]; ignored: Set<string> }
const ignoredScore = -1

function compile(constraint: TopologySpreadConstraint, pod: Pod): Constraint {
  const selector = { ...constraint.labelSelector }
  const own = pod.metadata.labels ?? {}
  const added = (constraint.matchLabelKeys ?? []).filter((key) => key in own).map((key) => ({ key, operator: 'In', values: [own[key]!] }))
  if (added.length > 0) selector.matchExpressions = [...(selector.matchExpressions ?? []), ...added]
  return {
    key: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    text: JSON.stringify(selector),
    selector: constraint.labelSelector ? selectorOfObject(selector) : nothing,
    honorAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
    honorTaints: constraint.nodeTaintsPolicy === 'Honor',
  }
}

/** The original's system defaults: by node and, more loosely, by zone. */
function defaults(pod: Pod, defaultSelector: DefaultSelector): Constraint[] {
  const selector = defaultSelector(pod)
  if (!selector) return []
  const constraint = (key: string, maxSkew: number): Constraint => ({ key, maxSkew, minDomains: 1, ...selector, honorAffinity: true, honorTaints: false })
  return [constraint(hostnameLabel, 3), constraint('topology.kubernetes.io/zone', 5)]
}

/** Nodes that the pod could not go to anyway do not make a domain. */
function counts({ honorAffinity, honorTaints }: Constraint, node: NodeInfo, pod: Pod): boolean {
  if (honorAffinity && !nodeMatchesPod(node.node, pod)) return false
  return !honorTaints || untolerated(node.hardTaints, pod.spec.tolerations) === undefined
}

const hasAll = (node: NodeInfo, constraints: readonly Constraint[]): boolean => constraints.every(({ key }) => node.labels[key] !== undefined)

function countDomains(constraint: Constraint, all: readonly Constraint[], pod: Pod, snapshot: Snapshot): Hard {
  const byNode = snapshot.counts.of(pod.metadata.namespace!, constraint.text, constraint.selector, snapshot.nodes)
  const domains = new Map<string, number>()
  for (const node of snapshot.nodes) {
    if (!hasAll(node, all) || !counts(constraint, node, pod)) continue
    const domain = node.node.metadata.labels![constraint.key]!
    domains.set(domain, (domains.get(domain) ?? 0) + (byNode.get(node.name) ?? 0))
  }
  const least = domains.size < constraint.minDomains ? 0 : Math.min(...domains.values())
  const self = matchesLabels(constraint.selector, pod.metadata.labels) ? 1 : 0
  return { ...constraint, domains, least: Number.isFinite(least) ? least : 0, self }
}

function weigh(constraints: Constraint[], requireAll: boolean, pod: Pod, feasible: readonly NodeInfo[], snapshot: Snapshot): Soft {
  const ignored = new Set<string>()
  const soft = constraints.map((constraint) => ({
    ...constraint,
    weight: 0,
    byNode: snapshot.counts.of(pod.metadata.namespace!, constraint.text, constraint.selector, snapshot.nodes),
    domains: new Map<string, number>(),
  }))
  for (const node of feasible) {
    if (requireAll && !hasAll(node, constraints)) ignored.add(node.name)
    else for (const { key, domains } of soft) if (key !== hostnameLabel && node.labels[key] !== undefined) domains.set(node.labels[key], 0)
  }
  for (const constraint of soft) {
    const size = constraint.key === hostnameLabel ? feasible.length - ignored.size : constraint.domains.size
    constraint.weight = Math.log(size + 2)
    if (constraint.domains.size === 0) continue
    for (const node of snapshot.nodes) {
      const domain = node.labels[constraint.key]
      const before = domain === undefined ? undefined : constraint.domains.get(domain)
      if (before === undefined || (requireAll && !hasAll(node, constraints)) || !counts(constraint, node, pod)) continue
      constraint.domains.set(domain!, before + (constraint.byNode.get(node.name) ?? 0))
    }
  }
  return { constraints: soft, ignored }
}

function placedDifferently(object: Pod | undefined, old: Pod | undefined): boolean {
  return object?.spec.nodeName !== old?.spec.nodeName || JSON.stringify(object?.metadata.labels) !== JSON.stringify(old?.metadata.labels)
}
