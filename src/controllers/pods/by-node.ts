import type { Pod } from '#api/core/v1/types'
import type { WatchOptions } from '#controller-runtime/controller'

/** Finds the pods of a node: `cached(pods).by('node', name)`. */
export const byNode: WatchOptions<Pod> = { indexes: { node: ({ spec: { nodeName } }) => (nodeName ? [nodeName] : []) } }
