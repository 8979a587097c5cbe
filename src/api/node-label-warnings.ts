import type { LabelSelector } from '#apimachinery/meta/v1/types'
import type { NodeSelectorTerm } from './core/v1/types'

const replaced: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

/** What to use instead of a label of nodes that is on its way out. */
export const deprecatedNodeLabel = (key: string): string | undefined => (Object.hasOwn(replaced, key) ? replaced[key] : undefined)

export function nodeTermWarnings(path: string, { matchExpressions }: Pick<NodeSelectorTerm, 'matchExpressions'>): string[] {
  return (matchExpressions ?? []).flatMap(({ key }, i) => {
    const text = deprecatedNodeLabel(key)
    return text === undefined ? [] : [`${path}.matchExpressions[${i}].key: ${key} is ${text}`]
  })
}

export function nodeSelectorWarnings(path: string, selector: LabelSelector | undefined | null): string[] {
  if (!selector) return []
  const labels = Object.keys(selector.matchLabels ?? {}).flatMap((key) => {
    const text = deprecatedNodeLabel(key)
    return text === undefined ? [] : [`${path}.matchLabels.${key}: ${text}`]
  })
  return [...nodeTermWarnings(path, selector), ...labels]
}
