import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Node, Pod, Taint } from '#api/core/v1/types'
import { sameData } from '#base/clone'
import { toleratedSeconds } from '#component-helpers/taints'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import type { Tell } from '#controller-runtime/controller'
import { byNode } from './pods/by-node'
import { disrupt } from './pods/disruption-target'

/** The evictions that were decided upon, by pod. */
interface Scheduled { readonly pod: Pod; readonly at: number; done: boolean }

const evicting = (node: Node | undefined): Taint[] => (node?.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

/** Drives pods from nodes with NoExecute taints that they do not tolerate: at once, or when the time that they tolerate is over. */
export const taintEviction = defineController<Map<string, Scheduled>>({
  name: 'taint-eviction-controller',
  serviceAccount: 'node-controller',
  watches: [
    on(pods, undefined, { ...byNode, when: (pod, old) => !pod || !old || pod.spec.nodeName !== old.spec.nodeName || !sameData(pod.spec.tolerations, old.spec.tolerations) }),
    on(nodes, ({ metadata: { name } }, cached) => cached(pods).by('node', name).map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`), {
      when: (node, old) => !sameData(evicting(node), evicting(old)),
    }),
  ],
  writes: [pods, statusOf(pods)],
  workers: 8,

  setUp: () => new Map<string, Scheduled>(),

  async reconcile(key, { cached, client, clock, state, tell }) {
    const pod = cached(pods).get(key)
    const before = state.get(key)
    const cancel = (): void => {
      if (before && !before.done) say(tell, before.pod, `Cancelling deletion of Pod ${key}`)
      state.delete(key)
    }
    if (!pod || (before && before.pod.metadata.uid !== pod.metadata.uid)) cancel()
    if (!pod?.spec.nodeName) return
    const taints = evicting(cached(nodes).get(pod.spec.nodeName))
    const seconds = taints.length === 0 ? Infinity : toleratedSeconds(taints, pod.spec.tolerations)
    if (seconds === Infinity) return cancel()

    const now = clock.now()
    let scheduled = state.get(key)
    if (scheduled?.done) return
    // The time runs from the first taint on: another one, or another toleration, does not start it anew.
    if (!scheduled || seconds === undefined || seconds <= 0) state.set(key, (scheduled = { pod, at: now + Math.max(0, seconds ?? 0) * 1000, done: false }))
    if (scheduled.at > now) return { requeueAfter: scheduled.at - now }
    say(tell, pod, `Marking for deletion Pod ${key}`)
    await disrupt(client, pod, { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' }, now)
    scheduled.done = true
  },
})

const say = (tell: Tell, pod: Pod, message: string): void => tell(pods, pod, 'Normal', 'TaintManagerEviction', message)
