import { nodes } from '#api/core/v1/node'
import { definePlugin, on, reject, skip } from '../framework/plugin'

const elsewhere = reject('NodeName', "node(s) didn't match the requested node name", { resolvable: false })

/** A pod that names its node goes there or nowhere. */
export const nodeName = definePlugin({
  name: 'NodeName',
  hints: [on(nodes, ({ object, old }, { pod }) => (!old && object?.metadata.name === pod.spec.nodeName ? 'queue' : 'skip'))],
  preFilter: ({ pod }) => (pod.spec.nodeName ? undefined : skip),
  filter: (_state, node, { pod }) => (pod.spec.nodeName === node.name ? undefined : elsewhere),
})
