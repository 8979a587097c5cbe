import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { type AffinityTerm, affinityTermsOf, type NamespacesMatching, namespacesOf, termMatches } from '../framework/affinity-terms'
import type { NodeInfo } from '../framework/node-info'
import { definePlugin, maxNodeScore, on, reject, skip } from '../framework/plugin'
import type { Snapshot } from '../framework/snapshot'

const plugin = 'InterPodAffinity'
const unwelcome = reject(plugin, "node(s) didn't satisfy existing pods anti-affinity rules")
const alone = reject(plugin, "node(s) didn't match pod affinity rules", { resolvable: false })
const crowded = reject(plugin, "node(s) didn't match pod anti-affinity rules")

/** What a required affinity of a placed pod for the incoming one counts as when nodes are scored. */
const hardAffinityWeight = 1

/** Domain -> count or score, by topology key. */
type Domains = Map<string, Map<string, number>>
interface Hard {
  /** Domains that placed pods keep the incoming one out of. */
  unwelcome: Domains
  affinity: readonly { key: string; domains: ReadonlyMap<string, number> }[]
  /** No pod is there that the affinity means, and the pod itself is one: the first of its kind may go anywhere. */
  first: boolean
  antiAffinity: readonly { key: string; domains: ReadonlyMap<string, number> }[]
}

/** Brings pods to, or keeps them away from, the domains (nodes, zones) where certain other pods run. */
export function interPodAffinity(matching: NamespacesMatching) {
  return definePlugin<Hard, Domains>({
    name: plugin,
    weight: 2,
    hints: [
      on(nodes, ({ object, old }) => (object && (!old || JSON.stringify(object.metadata.labels) !== JSON.stringify(old.metadata.labels)) ? 'queue' : 'skip')),
      // Company came, moved, was labelled anew or left.
      on(pods, ({ object, old }) => (object?.spec.nodeName !== old?.spec.nodeName || JSON.stringify(object?.metadata.labels) !== JSON.stringify(old?.metadata.labels) ? 'queue' : 'skip')),
    ],

    preFilter({ pod }, snapshot) {
      const { affinity, antiAffinity } = affinityTermsOf(pod)
      const refused = unwelcomeDomains(pod, snapshot, matching)
      if (affinity.length === 0 && antiAffinity.length === 0 && refused.size === 0) return skip
      const wanted = affinity.length > 0 ? countAll(affinity, snapshot, matching) : []
      const first = affinity.length > 0 && wanted.every(({ domains }) => domains.size === 0) && affinity.every((term) => termMatches(term, pod, matching))
      return { unwelcome: refused, affinity: wanted, first, antiAffinity: antiAffinity.map((term) => ({ key: term.key, domains: countTerm(term, term.text, snapshot, matching) })) }
    },
    filter({ unwelcome: refused, affinity, first, antiAffinity }, { node }) {
      const labels = node.metadata.labels ?? {}
      for (const { key, domains } of affinity) if (labels[key] === undefined || (!first && !domains.has(labels[key]))) return alone
      for (const { key, domains } of antiAffinity) if (labels[key] !== undefined && domains.has(labels[key])) return crowded
      for (const [key, domains] of refused) if (labels[key] !== undefined && domains.has(labels[key])) return unwelcome
      return undefined
    },

    preScore({ pod }, _feasible, snapshot) {
      const scores: Domains = new Map()
      for (const term of affinityTermsOf(pod).preferred)
        for (const [domain, count] of countTerm(term, term.text, snapshot, matching)) add(scores, term.key, domain, count * term.weight)
      for (const { info, node } of snapshot.affine.values()) {
        const theirs = affinityTermsOf(info.pod)
        for (const term of theirs.preferred) if (termMatches(term, pod, matching)) add(scores, term.key, domainOf(node, term), term.weight)
        for (const term of theirs.affinity) if (termMatches(term, pod, matching)) add(scores, term.key, domainOf(node, term), hardAffinityWeight)
      }
      return scores.size === 0 ? skip : scores
    },
    score(scores, { node }) {
      let sum = 0
      for (const [key, domains] of scores) sum += domains.get(node.metadata.labels?.[key] ?? '') ?? 0
      return sum
    },
    normalize(scores) {
      let [least, most] = [Infinity, -Infinity]
      for (const score of scores) {
        least = Math.min(least, score)
        most = Math.max(most, score)
      }
      for (let i = 0; i < scores.length; i++) scores[i] = most === least ? 0 : Math.trunc((maxNodeScore * (scores[i]! - least)) / (most - least))
    },
  })
}

const domainOf = ({ node }: NodeInfo, { key }: AffinityTerm): string | undefined => node.metadata.labels?.[key]

function add(into: Domains, key: string, domain: string | undefined, amount: number): void {
  if (domain === undefined) return
  let domains = into.get(key)
  if (!domains) into.set(key, (domains = new Map()))
  domains.set(domain, (domains.get(domain) ?? 0) + amount)
}

function unwelcomeDomains(pod: Pod, { affine }: Snapshot, matching: NamespacesMatching): Domains {
  const domains: Domains = new Map()
  for (const { info, node } of affine.values())
    for (const term of affinityTermsOf(info.pod).antiAffinity) if (termMatches(term, pod, matching)) add(domains, term.key, domainOf(node, term), 1)
  return domains
}

/** Pods per domain that a term means. `text` names what is counted, so that equal questions share a counter. */
function countTerm(term: AffinityTerm, text: string, snapshot: Snapshot, matching: NamespacesMatching, namespaces = namespacesOf(term, matching)): ReadonlyMap<string, number> {
  const domains = new Map<string, number>()
  for (const namespace of namespaces)
    for (const [name, count] of snapshot.counts.of(namespace, text, term.selector, snapshot.nodes, true)) {
      const domain = domainOf(snapshot.get(name)!, term)
      if (domain !== undefined) domains.set(domain, (domains.get(domain) ?? 0) + count)
    }
  return domains
}

/** Required terms mean pods that match all of them at once; each term then looks at its own domains. */
function countAll(terms: readonly AffinityTerm[], snapshot: Snapshot, matching: NamespacesMatching): Hard['affinity'] {
  const selector = { nothing: terms.some((term) => term.selector.nothing), requirements: terms.flatMap((term) => term.selector.requirements) }
  const text = terms.map((term) => term.text).join('&')
  const lists = terms.map((term) => namespacesOf(term, matching))
  const namespaces = lists[0]!.filter((name) => lists.every((list) => list.includes(name)))
  return terms.map((term) => ({ key: term.key, domains: countTerm({ ...term, selector }, text, snapshot, matching, namespaces) }))
}
