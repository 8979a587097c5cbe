import { endpoints } from '#api/core/v1/endpoints'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import { isNotFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Client } from '#client/client'

const where = { namespace: 'default', name: 'kubernetes' }

/**
 * Lets the `kubernetes` Service lead to where this server listens now: after a restart that may be another port. A machine
 * without any network has no address that an endpoint may have, and nobody who would ask for it.
 */
export async function followEndpoint(client: Client, { address, port }: { address: string; port: number }): Promise<void> {
  if (address.startsWith('127.')) return
  await change(client, endpoints, (object) => object.subsets?.[0]?.addresses?.[0]?.ip === address && object.subsets[0].ports?.[0]?.port === port, {
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  })
  await change(client, endpointslices, (object) => object.endpoints?.[0]?.addresses[0] === address && object.ports?.[0]?.port === port, {
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  })
}

async function change<T extends KubeObject>(client: Client, resource: ResourceRef<T>, isRight: (object: T) => boolean, patch: unknown): Promise<void> {
  try {
    if (!isRight(await client.get(resource, where))) await client.patch(resource, where, patch, { type: 'merge' })
  } catch (error) {
    // A server that was told not to make the first objects has none to follow.
    if (!isNotFound(error)) throw error
  }
}
