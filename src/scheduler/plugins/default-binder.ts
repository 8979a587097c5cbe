import { pods } from '#api/core/v1/pod'
import { definePlugin } from '../framework/plugin'

/** Binds by the pod's `binding` subresource. */
export const defaultBinder = definePlugin({
  name: 'DefaultBinder',
  async bind({ pod }, node, { client }) {
    const { namespace, name, uid } = pod.metadata
    await client.subresource(pods, { namespace: namespace!, name }, 'binding', 'POST', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name, uid },
      target: { kind: 'Node', name: node },
    })
    return true
  },
})
