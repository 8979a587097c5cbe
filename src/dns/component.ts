import { orAborted } from '#base/abort'
import type { Component } from '#component-base/component'
import { namespaces } from '#api/core/v1/namespace'
import { services } from '#api/core/v1/service'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import type { Informers } from '#client/informer'
import { createResponder } from './responder'
import { listen } from './server'
import { forwardTo, nameserversOf } from './upstream'
import { Zone, type ZoneSource } from './zone'

export interface DnsOptions {
  /** `cluster.local` */
  clusterDomain: string
  /** Where to listen; the host must have the address already. */
  address: string
  port?: number
  /** Upstream servers are read from here. */
  resolvConf?: string
}

/** The cluster's DNS server. */
export function createDns({ clusterDomain, address, port = 53, resolvConf = '/etc/resolv.conf' }: DnsOptions, { informers }: { informers: Informers }): Component {
  return {
    name: 'dns',
    async start({ log, signal }) {
      const source = zoneSource(informers)
      const servers = await nameserversOf(resolvConf, address).catch((error: unknown) => {
        log.warn('upstream DNS servers are not known; only names of the cluster are answered', { error })
        return []
      })
      const respond = createResponder({ zone: new Zone(clusterDomain, source), forward: forwardTo({ servers }), log })
      // Before the caches are filled, every name of the cluster would seem not to exist.
      const server = orAborted(source.synced, signal).then(() => listen(address, port, respond, log))
      return {
        ready: server.then(() => undefined),
        async [Symbol.asyncDispose]() {
          const [started] = await Promise.allSettled([server])
          if (started.status === 'fulfilled') await started.value[Symbol.asyncDispose]()
        },
      }
    },
  }
}

/** The zone's view of the API, indexed by what is asked. */
export function zoneSource(informers: Informers): ZoneSource & { synced: Promise<unknown> } {
  const [all, slices, spaces] = [informers.get(services), informers.get(endpointslices), informers.get(namespaces)]
  all.index('address', ({ spec }) => (spec.clusterIPs ?? []).filter((ip) => ip !== 'None'))
  slices.index('service', ({ metadata }) => {
    const name = metadata.labels?.['kubernetes.io/service-name']
    return name ? [`${metadata.namespace}/${name}`] : []
  })
  slices.index('address', ({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses))
  return {
    synced: Promise.all([all.synced, slices.synced, spaces.synced]),
    service: (key) => all.get(key),
    slices: (service) => slices.by('service', service),
    namespaceExists: (name) => spaces.get(name) !== undefined,
    servicesByAddress: (ip) => all.by('address', ip),
    slicesByAddress: (ip) => slices.by('address', ip),
  }
}
