import type { Pod, PodAffinityTerm } from '#api/core/v1/types'
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { matchesLabels, nothing, type Selector, selectorOfObject } from '#apimachinery/selectors/label-selector'

/** Whose company is meant, and over which domain. */
export interface AffinityTerm {
  readonly key: string
  readonly selector: Selector
  /** Names the selector. */
  readonly text: string
  /** Namespaces by name; beside them, those that `namespaceSelector` matches. */
  readonly namespaces: readonly string[]
  readonly namespaceSelector: LabelSelector | undefined
  /** Of a preferred term; negative for one of anti-affinity. */
  readonly weight: number
}

export interface AffinityTerms {
  readonly affinity: readonly AffinityTerm[]
  readonly antiAffinity: readonly AffinityTerm[]
  readonly preferred: readonly AffinityTerm[]
}

/** The namespaces whose labels a selector matches, as the caches have them. */
export type NamespacesMatching = (selector: LabelSelector) => readonly string[]

const known = new WeakMap<Pod, AffinityTerms>()

/** A pod's terms, compiled once. */
export function affinityTermsOf(pod: Pod): AffinityTerms {
  let terms = known.get(pod)
  if (!terms) {
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
    const compiled = (list: readonly PodAffinityTerm[] | undefined): AffinityTerm[] => (list ?? []).map((term) => compile(term, pod, 0))
    const weighted = (list: typeof podAffinity, sign: 1 | -1): AffinityTerm[] =>
      (list?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => compile(podAffinityTerm, pod, sign * weight))
    terms = {
      affinity: compiled(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
      antiAffinity: compiled(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
      preferred: [...weighted(podAffinity, 1), ...weighted(podAntiAffinity, -1)],
    }
    known.set(pod, terms)
  }
  return terms
}

function compile({ labelSelector, namespaces, namespaceSelector, topologyKey, matchLabelKeys, mismatchLabelKeys }: PodAffinityTerm, pod: Pod, weight: number): AffinityTerm {
  const own = pod.metadata.labels ?? {}
  const among = (keys: readonly string[] | undefined, operator: 'In' | 'NotIn') =>
    (keys ?? []).filter((key) => key in own).map((key) => ({ key, operator, values: [own[key]!] }))
  const selector = labelSelector && { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...among(matchLabelKeys, 'In'), ...among(mismatchLabelKeys, 'NotIn')] }
  return {
    key: topologyKey,
    selector: selector ? selectorOfObject(selector) : nothing,
    text: JSON.stringify(selector ?? null),
    // Neither names nor a selector: the pod's own namespace.
    namespaces: namespaces?.length || namespaceSelector ? (namespaces ?? []) : [pod.metadata.namespace!],
    namespaceSelector,
    weight,
  }
}

export function namespacesOf(term: AffinityTerm, matching: NamespacesMatching): readonly string[] {
  return term.namespaceSelector ? [...new Set([...term.namespaces, ...matching(term.namespaceSelector)])] : term.namespaces
}

export function termMatches(term: AffinityTerm, pod: Pod, matching: NamespacesMatching): boolean {
  return matchesLabels(term.selector, pod.metadata.labels) && namespacesOf(term, matching).includes(pod.metadata.namespace!)
}
