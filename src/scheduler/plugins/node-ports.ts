import { pods } from '#api/core/v1/pod'
import { nodes } from '#api/core/v1/node'
import { definePlugin, on, reject, skip } from '../framework/plugin'

const taken = reject('NodePorts', "node(s) didn't have free ports for the requested pod ports")

/** A host port belongs to one pod of a node. */
export const nodePorts = definePlugin({
  name: 'NodePorts',
  hints: [
    on(nodes, ({ old }) => (old ? 'skip' : 'queue')),
    on(pods, ({ object, old }) => (!object && old?.spec.nodeName && usesHostPort(old) ? 'queue' : 'skip')),
  ],
  preFilter: ({ hostPorts }) => (hostPorts.length === 0 ? skip : undefined),
  filter(_state, node, { hostPorts }) {
    for (const port of hostPorts) if (node.portInUse(port)) return taken
    return undefined
  },
})

const usesHostPort = ({ spec }: { spec: { containers: { ports?: { hostPort?: number }[] }[] } }): boolean =>
  spec.containers.some((container) => container.ports?.some((port) => port.hostPort))
