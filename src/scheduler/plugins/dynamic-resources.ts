import { definePlugin, reject } from '../framework/plugin'

/** Devices are not given out by this version: a pod that claims some waits, and its events say why. */
export const dynamicResources = definePlugin({
  name: 'DynamicResources',
  preFilter: ({ pod }) => (pod.spec.resourceClaims?.length ? reject('DynamicResources', 'spec.resourceClaims: dynamic resource allocation is not built in this version', { resolvable: false }) : undefined),
})
