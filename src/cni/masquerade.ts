import { execFile } from 'node:child_process'

export const masqueradeTable = 'navarch-pods'

/** What leaves the pods for outside the cluster gets the node's address: one rule, for all of them. `clusterCIDRs`: of one family each. */
export function masqueradeRules(podCIDR: string, clusterCIDRs: readonly string[]): string {
  const ip = podCIDR.includes(':') ? 'ip6' : 'ip'
  const inside = clusterCIDRs.filter((range) => range.includes(':') === podCIDR.includes(':'))
  const multicast = ip === 'ip' ? '224.0.0.0/4' : 'ff00::/8'
  // A table that is there already is emptied in the same transaction.
  return `table ${ip} ${masqueradeTable}
delete table ${ip} ${masqueradeTable}
table ${ip} ${masqueradeTable} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ${ip} saddr ${podCIDR} ${ip} daddr != { ${[...(inside.length > 0 ? inside : [podCIDR]), multicast].join(', ')} } masquerade fully-random
  }
}
`
}

/** It stays when the cluster's process ends, as the pods do. */
export function masquerade(podCIDR: string, clusterCIDRs: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const nft = execFile('nft', ['-f', '-'], (error, _out, words) => {
      if (error) reject(new Error(`nft refused the masquerading of pods: ${words.trim() || error.message}. It comes with Debian's package nftables`, { cause: error }))
      else resolve()
    })
    // A refusal can close the pipe early; the exit code then tells.
    nft.stdin!.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)))
    nft.stdin!.end(masqueradeRules(podCIDR, clusterCIDRs))
  })
}
