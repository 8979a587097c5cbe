import { nodes } from '#api/core/v1/node'
import { defineController, on } from '#controller-runtime/controller'

const annotation = 'node.alpha.kubernetes.io/ttl'

/** The larger the cluster, the longer kubelets may use what they know of secrets and config maps. The bounds overlap, so that it does not flap. */
const steps = [
  { least: 0, most: 100, seconds: 0 }, { least: 90, most: 500, seconds: 15 }, { least: 450, most: 1000, seconds: 30 },
  { least: 900, most: 2000, seconds: 60 }, { least: 1800, most: Infinity, seconds: 300 },
] as const

interface State extends Disposable { readonly seconds: number }

/** Tells kubelets, by an annotation of their nodes, for how long they may keep what they have read. */
export const ttl = defineController<State>({
  name: 'ttl-controller',
  watches: [on(nodes, undefined, { when: (node, old) => node !== undefined && (!old || node.metadata.annotations?.[annotation] !== old.metadata.annotations?.[annotation]) })],
  writes: [nodes],

  setUp({ cached, enqueue }) {
    let count = 0
    let step = 0
    const watching = cached(nodes).on((node, old) => {
      count += Number(node !== undefined) - Number(old !== undefined)
      const before = step
      while (count > steps[step]!.most) step++
      while (count < steps[step]!.least) step--
      if (step !== before) for (const { metadata } of cached(nodes).list()) enqueue(metadata.name)
    })
    return {
      get seconds() {
        return steps[step]!.seconds
      },
      [Symbol.dispose]: () => watching[Symbol.dispose](),
    }
  },

  async reconcile(key, { cached, client, state }) {
    const node = cached(nodes).get(key)
    const wanted = String(state.seconds)
    if (!node || node.metadata.annotations?.[annotation] === wanted) return
    await client.patch(nodes, { name: key }, { metadata: { annotations: { [annotation]: wanted } } }, { type: 'strategic' })
  },
})
