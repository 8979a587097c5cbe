import { withCommonEncodingVersion } from '#api/apiserverinternal/v1alpha1/common-encoding-version'
import { storageversions } from '#api/apiserverinternal/v1alpha1/storage-version'
import { leases } from '#api/coordination/v1/lease'
import type { Lease } from '#api/coordination/v1/types'
import { isNotFound } from '#apimachinery/api-error'
import type { Client } from '#client/client'
import { defineController, on, statusOf } from '#controller-runtime/controller'

const isOfServer = ({ metadata }: Lease): boolean => metadata.namespace === 'kube-system' && metadata.labels?.['apiserver.kubernetes.io/identity'] === 'kube-apiserver'

/** Takes API servers that are gone out of the StorageVersions, which are deleted when nobody is left: others wait until all that are named agree. */
export const storageVersionGarbageCollector = defineController({
  name: 'storage-version-garbage-collector-controller',
  serviceAccount: 'storage-version-garbage-collector',
  watches: [
    on(storageversions, undefined, { indexes: { server: ({ status: { storageVersions = [] } }) => storageVersions.map(({ apiServerID }) => apiServerID) } }),
    on(leases, (lease, cached) => cached(storageversions).by('server', lease.metadata.name).map(({ metadata }) => metadata.name), {
      when: (lease, old) => lease === undefined && old !== undefined && isOfServer(old),
    }),
  ],
  writes: [storageversions, statusOf(storageversions)],

  async reconcile(key, { cached, client, clock }) {
    const object = cached(storageversions).get(key)
    const servers = object?.status.storageVersions ?? []
    if (!object || servers.length === 0) return
    const isCached = (name: string): boolean => [cached(leases).get(`kube-system/${name}`)].some((lease) => lease && isOfServer(lease))
    if (servers.every(({ apiServerID }) => isCached(apiServerID))) return
    // The cache may lag behind: the server says who is there.
    const there = await Promise.all(servers.map(({ apiServerID }) => isThere(client, apiServerID)))
    const left = servers.filter((_, i) => there[i])
    if (left.length === servers.length) return
    if (left.length === 0) await client.delete(storageversions, { name: key }, { preconditions: { resourceVersion: object.metadata.resourceVersion! } })
    else await client.update(storageversions, withCommonEncodingVersion(object, left, clock.now()), { subresource: 'status' })
  },
})

async function isThere(client: Client, name: string): Promise<boolean> {
  try {
    return isOfServer(await client.get(leases, { namespace: 'kube-system', name }))
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
