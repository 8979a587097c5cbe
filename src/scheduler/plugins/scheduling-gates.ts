import { pods } from '#api/core/v1/pod'
import { definePlugin, on, reject } from '../framework/plugin'

/** Keeps pods out of the queue until all their scheduling gates are gone. */
export const schedulingGates = definePlugin({
  name: 'SchedulingGates',
  hints: [on(pods, ({ object }, { pod }) => (object?.metadata.uid === pod.metadata.uid ? 'queue' : 'skip'))],
  preEnqueue({ pod }) {
    const gates = pod.spec.schedulingGates
    if (!gates || gates.length === 0) return undefined
    return reject('SchedulingGates', `waiting for scheduling gates: [${gates.map((gate) => gate.name).join(' ')}]`, { resolvable: false })
  },
})
