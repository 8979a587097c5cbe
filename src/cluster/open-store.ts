import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import type { Store } from '#storage/store'
import type { ControlPlaneOptions } from './options'

/** The store that the options ask for: an etcd cluster, else the data directory. Drivers are loaded when they are used. */
export async function openStore(options: ControlPlaneOptions, directory: string, { clock, log }: { clock: Clock; log: Log }): Promise<Store> {
  if (options.etcdServers.length === 0) {
    const { openLmdbStore } = await import('#storage/lmdb/open-lmdb-store')
    return openLmdbStore({ dir: directory, clock, log })
  }
  const { openEtcdStore } = await import('#storage/etcd/open-etcd-store')
  const { etcdServers: servers, etcdCafile: caFile, etcdCertfile: certFile, etcdKeyfile: keyFile, etcdPrefix } = options
  // Keys begin with /registry by themselves; another prefix goes before it.
  const prefix = etcdPrefix.replace(/\/registry\/?$/, '').replace(/\/$/, '')
  return openEtcdStore({ servers, prefix, ...(caFile ? { caFile } : {}), ...(certFile ? { certFile } : {}), ...(keyFile ? { keyFile } : {}) })
}
