import type { Component } from '#component-base/component'
import { nftCommand } from '#proxy/nft'

export interface GuardOptions {
  /** Asked when the guard starts. */
  ports(): readonly number[]
  /** Interfaces that may come in: this machine's own, and its pods'. */
  from: readonly string[]
}

const table = 'navarch-guard'

/**
 * Keeps the network out of ports that must listen beyond loopback because pods reach them by the node's address. Who wants
 * them open says so with --bind-address; then there is no guard.
 */
export function guardPorts({ ports, from }: GuardOptions): Component {
  const nft = nftCommand()
  return {
    name: 'port guard',
    async start({ signal }) {
      const rule = `iifname != { ${from.map((name) => JSON.stringify(name)).join(', ')} } tcp dport { ${ports().join(', ')} } drop`
      await nft(`table inet ${table}\ndelete table inet ${table}\ntable inet ${table} {\n  chain input {\n    type filter hook input priority filter; policy accept;\n    ${rule}\n  }\n}\n`, signal)
      return {
        ready: Promise.resolve(),
        // Not the cluster's signal: that is aborted by now.
        [Symbol.asyncDispose]: () => nft(`delete table inet ${table}\n`, new AbortController().signal),
      }
    },
  }
}
