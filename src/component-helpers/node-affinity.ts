import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '#api/core/v1/types'

/** Whether a node is among those that a pod's nodeSelector and required node affinity allow. */
export function nodeMatchesPod(node: Node, { spec }: Pod): boolean {
  const labels = node.metadata.labels
  for (const key in spec.nodeSelector) if (labels?.[key] !== spec.nodeSelector[key]) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || nodeMatchesSelector(node, required)
}

/** Terms are alternatives; an empty term matches nothing. */
export function nodeMatchesSelector(node: Node, { nodeSelectorTerms }: NodeSelector): boolean {
  return nodeSelectorTerms.some((term) => nodeMatchesTerm(node, term))
}

export function nodeMatchesTerm(node: Node, { matchExpressions, matchFields }: NodeSelectorTerm): boolean {
  if (!matchExpressions?.length && !matchFields?.length) return false
  const labels = node.metadata.labels ?? {}
  return (
    (matchExpressions ?? []).every((requirement) => meets(labels[requirement.key], requirement)) &&
    (matchFields ?? []).every((requirement) => requirement.key === 'metadata.name' && meets(node.metadata.name, requirement))
  )
}

function meets(value: string | undefined, { operator, values }: NodeSelectorRequirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && !!values?.includes(value)
    case 'NotIn':
      return value === undefined || !values?.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt': {
      const [limit, there] = [values?.[0], value]
      if (limit === undefined || there === undefined || !isWhole(limit) || !isWhole(there)) return false
      return operator === 'Gt' ? BigInt(there) > BigInt(limit) : BigInt(there) < BigInt(limit)
    }
    default:
      return false
  }
}

const isWhole = (text: string): boolean => /^[+-]?\d+$/.test(text)
