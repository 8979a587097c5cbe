import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contains, parseCidr } from '#base/cidr'
import { parseIp } from '#base/ip'
import type { Component } from '#component-base/component'
import { nodes } from '#api/core/v1/node'
import type { Informers } from '#client/informer'
import { conflistOf } from './conflist'
import { addressesOf, prepareKernel, removeDevice } from './host'
import { masquerade } from './masquerade'

export interface CniOptions {
  nodeName: string
  /** Where the runtime reads its network configuration. */
  confDir: string
  ipamDir: string
  /** Where the addresses of all pods come from: `10.244.0.0/16`. What pods send there keeps their address. */
  clusterCIDRs?: readonly string[]
  bridge?: string
  mtu?: number
}

/** Writes the node's network configuration once the node has its range of pod addresses. */
export function createCni({ nodeName, confDir, ipamDir, clusterCIDRs = [], bridge = 'cni0', mtu }: CniOptions, { informers }: { informers: Informers }): Component {
  return {
    name: 'cni',
    async start({ log }) {
      await prepareKernel()
      const informer = informers.get(nodes, { fieldSelector: `metadata.name=${nodeName}` })
      let written: string | undefined
      let work: Promise<void> = Promise.resolve()
      let done: () => void = () => undefined
      const ready = new Promise<void>((resolve) => (done = resolve))
      const subscription = informer.on((node) => {
        const podCIDR = node?.spec.podCIDR
        if (podCIDR === undefined || podCIDR === written) return
        written = podCIDR
        work = work
          .then(async () => {
            await removeForeignBridge(bridge, podCIDR)
            await masquerade(podCIDR, clusterCIDRs)
            await mkdir(confDir, { recursive: true })
            // The runtime reads whatever ends in .conflist: it must never see half a file.
            const file = join(confDir, '10-navarch.conflist')
            await writeFile(`${file}.new`, conflistOf({ podCIDR, bridge, ipamDir, ...(mtu ? { mtu } : {}) }))
            await rename(`${file}.new`, file)
            log.info('network configured', { podCIDR, file })
            done()
          })
          .catch((error: unknown) => log.error('the network of this node is not configured; its pods will wait', { podCIDR, error }))
      })
      return {
        ready,
        async [Symbol.asyncDispose]() {
          subscription[Symbol.dispose]()
          await work
        },
      }
    },
  }
}

/** A bridge of an earlier cluster keeps its address; the plugin would refuse every pod. */
async function removeForeignBridge(bridge: string, podCIDR: string): Promise<void> {
  const addresses = await addressesOf(bridge)
  if (!addresses || addresses.length === 0) return
  const range = parseCidr(podCIDR)
  if (!range) throw new Error(`the podCIDR ${podCIDR} of this node is not an address range`)
  if (!addresses.some((address) => contains(range, parseIp(address.split('/')[0]!)!))) await removeDevice(bridge)
}
