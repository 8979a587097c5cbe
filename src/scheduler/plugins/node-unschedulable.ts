import { nodes } from '#api/core/v1/node'
import { tolerates } from '#component-helpers/tolerations'
import { definePlugin, on, reject } from '../framework/plugin'

const cordoned = reject('NodeUnschedulable', 'node(s) were unschedulable', { resolvable: false })
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

/** Keeps pods off cordoned nodes, unless they tolerate the taint that cordoning stands for (DaemonSets do). */
export const nodeUnschedulable = definePlugin({
  name: 'NodeUnschedulable',
  hints: [on(nodes, ({ object, old }) => (object && !object.spec.unschedulable && (!old || old.spec.unschedulable) ? 'queue' : 'skip'))],
  filter(_state, { node }, { pod }) {
    if (!node.spec.unschedulable) return undefined
    return pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint)) ? undefined : cordoned
  },
})
