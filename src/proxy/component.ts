import type { Component } from '#component-base/component'
import type { Informers } from '#client/informer'
import { HealthCheckServers } from './health-check'
import { nftCommand } from './nft'
import { Proxier } from './proxier'

export interface ProxyOptions {
  nodeName: string
  clusterCIDR?: string
  /** The nft table that the rules live in. */
  table?: string
  bindAddress?: string
}

/** kube-proxy in its nftables mode. */
export function createProxy({ nodeName, clusterCIDR, table = 'navarch-proxy', bindAddress = '0.0.0.0' }: ProxyOptions, { informers }: { informers: Informers }): Component {
  return {
    name: 'kube-proxy',
    async start({ clock, log }) {
      const health = new HealthCheckServers(bindAddress, log)
      const proxier = new Proxier(
        { nodeName, clusterCIDR, table, families: ['IPv4'] },
        { informers, clock, log, nft: nftCommand(), onSynced: (ports) => health.follow(ports) },
      )
      return {
        ready: proxier.start(),
        async [Symbol.asyncDispose]() {
          await proxier[Symbol.asyncDispose]()
          await health[Symbol.asyncDispose]()
        },
      }
    },
  }
}
