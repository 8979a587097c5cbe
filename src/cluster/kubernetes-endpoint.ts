import { endpoints } from '#api/core/v1/endpoints'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import { isConflict, isNotFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { sameData } from '#base/clone'
import type { Client } from '#client/client'

/** Where an API server is reached. */
export interface ServerAddress {
  readonly address: string
  readonly port: number
}

const where = { namespace: 'default', name: 'kubernetes' }

/**
 * Lets the `kubernetes` Service lead to where these servers listen: after a restart that may be another port. A machine
 * without any network has no address that an endpoint may have, and nobody who would ask for it. Servers on other ports than the
 * first one's are endpoints of their own subset, which slices of one name cannot have.
 */
export async function followEndpoints(client: Client, servers: readonly ServerAddress[]): Promise<void> {
  const reached = servers.filter(({ address }) => !address.startsWith('127.')).sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1))
  const [first] = reached
  if (!first) return
  const ports = (port: number) => [{ name: 'https', port, protocol: 'TCP' as const }]
  const at = (port: number): string[] => [...new Set(reached.filter((server) => server.port === port).map(({ address }) => address))]
  const subsets = [...new Set(reached.map(({ port }) => port))].map((port) => ({ addresses: at(port).map((ip) => ({ ip })), ports: ports(port) }))
  await change(client, endpoints, (object) => sameData(object.subsets, subsets), { subsets })
  const slice = { endpoints: at(first.port).map((address) => ({ addresses: [address], conditions: { ready: true } })), ports: ports(first.port) }
  await change(client, endpointslices, (object) => sameData({ endpoints: object.endpoints, ports: object.ports }, slice), slice)
}

async function change<T extends KubeObject>(client: Client, resource: ResourceRef<T>, isRight: (object: T) => boolean, patch: unknown): Promise<void> {
  try {
    if (!isRight(await client.get(resource, where))) await client.patch(resource, where, patch, { type: 'merge' })
  } catch (error) {
    // A server that was told not to make the first objects has none to follow; several servers may write the same at once.
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}
