import { nodes } from '#api/core/v1/node'
import { untolerated } from '#component-helpers/tolerations'
import { definePlugin, on, reject, skip } from '../framework/plugin'
import { normalizeByMax } from '../framework/profile'

const tainted = reject('TaintToleration', 'node(s) had untolerated taint(s)', { resolvable: false })

/** Keeps pods off nodes whose taints they do not tolerate, and prefers nodes with fewer soft taints they do not tolerate. */
export const taintToleration = definePlugin({
  name: 'TaintToleration',
  weight: 3,
  hints: [
    on(nodes, ({ object, old }, { pod }) => {
      if (!object) return 'skip'
      const open = untolerated(hard(object), pod.spec.tolerations) === undefined
      return open && (!old || untolerated(hard(old), pod.spec.tolerations) !== undefined) ? 'queue' : 'skip'
    }),
  ],
  preFilter: (_pod, snapshot) => (snapshot.tainted === 0 ? skip : undefined),
  filter: (_state, { hardTaints }, { pod }) =>
    hardTaints.length > 0 && untolerated(hardTaints, pod.spec.tolerations) ? tainted : undefined,
  preScore: (_pod, _nodes, snapshot) => (snapshot.softTainted === 0 ? skip : undefined),
  score(_state, { softTaints }, { pod }) {
    let count = 0
    for (const taint of softTaints) if (untolerated([taint], pod.spec.tolerations)) count++
    return count
  },
  normalize: (scores) => normalizeByMax(scores, true),
})

const hard = ({ spec }: { spec: { taints?: { key: string; effect: string; value?: string }[] } }) => (spec.taints ?? []).filter((taint) => taint.effect !== 'PreferNoSchedule')
