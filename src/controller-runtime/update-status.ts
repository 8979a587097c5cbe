import type { KubeObject } from '#apimachinery/object'
import type { Input } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { clone, sameData } from '#base/clone'
import type { Client } from '#client/client'

/**
 * Writes an object's status unless it says the same already, on the revision that was read: whoever was faster wins, and
 * the key is reconciled again. Returns what stands there afterwards.
 */
export async function updateStatus<T extends KubeObject & { status?: unknown }>(client: Client, resource: ResourceRef<T>, object: T, status: T['status']): Promise<T> {
  if (sameData(object.status, status)) return object
  return client.update(resource, { ...clone(object), status } as Input<T>, { subresource: 'status' })
}
