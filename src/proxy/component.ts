import { readFile, writeFile } from 'node:fs/promises'
import type { Component } from '#component-base/component'
import type { Informers } from '#client/informer'
import { HealthCheckServers } from './health-check'
import { nftCommand } from './nft'
import { Proxier } from './proxier'
import type { Family } from './service-ports'

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
      await openLoopback()
      const health = new HealthCheckServers(bindAddress, log)
      const proxier = new Proxier(
        { nodeName, clusterCIDR, table, families: familiesOf(clusterCIDR) },
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

/** IPv6 where pods have such addresses. */
const familiesOf = (clusterCIDR = ''): readonly Family[] => (clusterCIDR.includes(':') ? ['IPv4', 'IPv6'] : ['IPv4'])

/** Packets from loopback to a node port leave by another interface, and the kernel refuses their answers unless told otherwise. */
async function openLoopback(): Promise<void> {
  const setting = '/proc/sys/net/ipv4/conf/all/route_localnet'
  if ((await readFile(setting, 'utf8')).trim() !== '1') await writeFile(setting, '1')
}
