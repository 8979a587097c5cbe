import { isNotFound } from '#apimachinery/api-error'
import type { Input, KubeObject, NamespacedName } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Client } from '#client/client'

/** Makes an object that a cluster cannot do without, where it is missing; what somebody changed stays changed. */
export async function ensure<T extends KubeObject>(client: Client, resource: ResourceRef<T>, object: Input<T> & { metadata?: { name?: string; namespace?: string } }): Promise<void> {
  const { name, namespace } = object.metadata as NamespacedName
  try {
    await client.get(resource, { name, ...(namespace ? { namespace } : {}) })
  } catch (error) {
    if (!isNotFound(error)) throw error
    await client.create(resource, object)
  }
}
