import { nodes } from '#api/core/v1/node'
import type { Pod } from '#api/core/v1/types'
import { nodeMatchesPod, nodeMatchesTerm } from '#component-helpers/node-affinity'
import { definePlugin, narrow, on, reject, skip } from '../framework/plugin'
import { normalizeByMax } from '../framework/profile'

const elsewhere = reject('NodeAffinity', "node(s) didn't match Pod's node affinity/selector", { resolvable: false })

/** Takes pods to the nodes that their nodeSelector and node affinity ask for, and prefers those they would like. */
export const nodeAffinity = definePlugin({
  name: 'NodeAffinity',
  weight: 2,
  hints: [on(nodes, ({ object, old }, { pod }) => (object && nodeMatchesPod(object, pod) && !(old && nodeMatchesPod(old, pod)) ? 'queue' : 'skip'))],
  preFilter({ pod }) {
    const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    if (!required && !pod.spec.nodeSelector) return skip
    const names = namesAskedFor(pod)
    return names ? narrow(names, undefined) : undefined
  },
  filter: (_state, { node }, { pod }) => (nodeMatchesPod(node, pod) ? undefined : elsewhere),
  preScore: ({ pod }) => (pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ? undefined : skip),
  score(_state, { node }, { pod }) {
    let sum = 0
    for (const { weight, preference } of pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      if (nodeMatchesTerm(node, preference)) sum += weight
    return sum
  },
  normalize: (scores) => normalizeByMax(scores, false),
})

/** The nodes that a pod names by `metadata.name`, as DaemonSet pods do; undefined when some term does not. */
function namesAskedFor({ spec }: Pod): Set<string> | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (!terms || terms.length === 0) return undefined
  const names = new Set<string>()
  for (const { matchFields } of terms) {
    const byName = matchFields?.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In') ?? []
    if (byName.length === 0) return undefined
    // Requirements of one term are joined by "and".
    for (const name of byName[0]!.values ?? []) if (byName.every(({ values }) => values?.includes(name))) names.add(name)
  }
  return names
}
